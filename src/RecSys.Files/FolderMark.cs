using System.Text;
using RecSys.Core;

namespace RecSys.Files;

/// <summary>The installation id of a folder, in its file <c>installation</c>.</summary>
public static class FolderMark
{
    /// <summary>Name of the file.</summary>
    public const string FileName = "installation";

    /// <summary>Returns the id of a folder; null if it has none, as with folders of older programs.</summary>
    /// <exception cref="InvalidDataException">The file does not contain an id, or is a folder.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static InstallationId? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (Directory.Exists(path))
        {
            throw new InvalidDataException($"{path} must be the file with the installation id, but is a folder; move it away: mv {path} ELSEWHERE");
        }

        if (!File.Exists(path))
        {
            return null;
        }

        return InstallationId.TryParse(File.ReadAllText(path).Trim(), out InstallationId id)
            ? id
            : throw new InvalidDataException($"{path} does not contain an installation id of {InstallationId.Length} hexadecimal digits");
    }

    /// <summary>Writes an id into a folder, which is created if it is missing.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, InstallationId id)
    {
        PrivateFiles.MakeFolder(folder);
        DurableFiles.Replace(Path.Combine(folder, FileName), stream => stream.Write(Encoding.ASCII.GetBytes(id.Value + "\n")));
    }
}

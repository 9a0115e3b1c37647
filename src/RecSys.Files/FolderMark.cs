using System.Text;
using RecSys.Core;

namespace RecSys.Files;

/// <summary>Whose a folder of files is: its file <c>installation</c> holds the id.</summary>
public static class FolderMark
{
    /// <summary>The file's name.</summary>
    public const string FileName = "installation";

    /// <summary>The id in a folder; null where it has none, as folders of older programs have none.</summary>
    /// <exception cref="InvalidDataException">The file holds no id.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static InstallationId? Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }

        return InstallationId.TryParse(File.ReadAllText(path).Trim(), out InstallationId id)
            ? id
            : throw new InvalidDataException($"{path} holds no installation id of {InstallationId.Length} hexadecimal digits");
    }

    /// <summary>Writes an id into a folder, which is made if it is missing.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void Write(string folder, InstallationId id)
    {
        PrivateFiles.MakeFolder(folder);
        DurableFiles.Replace(Path.Combine(folder, FileName), stream => stream.Write(Encoding.ASCII.GetBytes(id.Value + "\n")));
    }
}

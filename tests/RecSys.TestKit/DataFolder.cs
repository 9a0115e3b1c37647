using Xunit;

namespace RecSys.TestKit;

/// <summary>A temporary folder of a test, deleted after it.</summary>
public sealed class DataFolder : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-test-");

    public string Path => _folder.FullName;

    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Returns another folder with copies of the files as they are now, as a crash would leave them.</summary>
    public DataFolder Crashed()
    {
        DataFolder copy = new();
        // A file is copied before its write-ahead log: the pages that a checkpoint moves meanwhile are then in both.
        foreach (FileInfo file in _folder.EnumerateFiles().OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            // The index of a write-ahead log is shared memory: a crash of the machine loses it.
            if (!file.Name.EndsWith("-shm", StringComparison.Ordinal))
            {
                using FileStream source = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                using FileStream target = new(copy.File(file.Name), FileMode.CreateNew);
                source.CopyTo(target);
            }
        }

        return copy;
    }

    /// <summary>Returns the names of the files that contain the bytes.</summary>
    public IReadOnlyList<string> FilesWith(ReadOnlySpan<byte> bytes)
    {
        List<string> names = [];
        foreach (FileInfo file in _folder.EnumerateFiles("*", SearchOption.AllDirectories))
        {
            using FileStream stream = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] content = new byte[stream.Length];
            stream.ReadExactly(content);
            if (content.AsSpan().IndexOf(bytes) >= 0)
            {
                names.Add(file.Name);
            }
        }

        return names;
    }

    public void Dispose()
    {
        try
        {
            _folder.Delete(recursive: true);
        }
        catch (IOException problem)
        {
            TestContext.Current.SendDiagnosticMessage($"{Path} stays: {problem.Message}");
        }
    }
}

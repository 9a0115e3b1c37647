using System.Security.Cryptography;
using RecSys.Files;

namespace RecSys.Cli.Backups;

/// <summary>Copies and checks files by their SHA-256.</summary>
internal static class CheckedCopy
{
    private const int BlockBytes = 1 << 20;

    /// <summary>Copies a file. Only the owner may read the copy, which is durable when the call returns.</summary>
    /// <param name="source">Path of the file to copy.</param>
    /// <param name="target">Path of the copy, which must not exist.</param>
    /// <param name="copied">Called with the bytes of each block.</param>
    /// <param name="cancellationToken">Stops between two blocks.</param>
    /// <returns>The SHA-256 of the copied bytes.</returns>
    /// <exception cref="IOException">One of the two cannot be read or written, or the target exists.</exception>
    public static string Copy(string source, string target, Action<long> copied, CancellationToken cancellationToken)
    {
        PrivateFiles.MakeFolder(Path.GetDirectoryName(target)!);
        string hash = "";
        bool isNew = DurableFiles.TryCreate(target, stream =>
        {
            using FileStream from = OpenToRead(source);
            hash = Pass(from, stream, copied, cancellationToken);
        });
        return isNew ? hash : throw new IOException($"{target} exists already");
    }

    /// <summary>Returns the SHA-256 of a file.</summary>
    public static string HashOf(string path, Action<long> read, CancellationToken cancellationToken)
    {
        using FileStream from = OpenToRead(path);
        return Pass(from, Stream.Null, read, cancellationToken);
    }

    private static FileStream OpenToRead(string path) =>
        new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.SequentialScan);

    private static string Pass(FileStream from, Stream to, Action<long> passed, CancellationToken cancellationToken)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] block = new byte[BlockBytes];
        while (from.Read(block) is var length && length > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            hash.AppendData(block, 0, length);
            to.Write(block, 0, length);
            passed(length);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}

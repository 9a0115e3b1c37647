using System.Buffers;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Files;

/// <summary>The head of a fold's file: four fixed bytes, the version of the head (1), and the 16 bytes of the installation's id. The fold's state follows.</summary>
/// <remarks>No state begins with the first of the fixed bytes, so that files of older programs, which have no head, are distinguished.</remarks>
public static class FoldHead
{
    private const byte Version = 1;

    private static ReadOnlySpan<byte> Magic => [0x89, (byte)'R', (byte)'S', (byte)'F'];

    private static int SizeBytes => Magic.Length + 1 + (InstallationId.Length / 2);

    /// <summary>Returns the head of an installation's files.</summary>
    public static byte[] Of(InstallationId installation) => [.. Magic, Version, .. Convert.FromHexString(installation.Value)];

    /// <summary>Reads a file and returns the state in it.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="installation">The installation to which it must belong; null: any.</param>
    /// <exception cref="CorruptRecordException">The head is damaged, of a newer program, or of another installation.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static ReadOnlySequence<byte> ReadState(string path, InstallationId? installation)
    {
        SequenceBuffer bytes = new();
        using (FileStream file = new(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0))
        {
            while (file.Read(bytes.GetSpan()) is > 0 and int read)
            {
                bytes.Advance(read);
            }
        }

        return StateOf(bytes.ToSequence(), installation);
    }

    private static ReadOnlySequence<byte> StateOf(ReadOnlySequence<byte> file, InstallationId? installation)
    {
        ReadOnlySpan<byte> head = file.Slice(0, Math.Min(SizeBytes, file.Length)).ToArray();
        if (!head.StartsWith(Magic))
        {
            return file;
        }

        if (head.Length < SizeBytes || head[Magic.Length] != Version)
        {
            throw new CorruptRecordException("the head of the saved state is damaged, or a newer program wrote it");
        }

        return installation is not { } expected || head.SequenceEqual(Of(expected))
            ? file.Slice(SizeBytes)
            : throw new CorruptRecordException($"the saved state belongs to installation {Convert.ToHexStringLower(head[(Magic.Length + 1)..])}, not to {expected}");
    }
}

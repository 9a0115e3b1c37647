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

    /// <summary>Returns the state in a file's bytes.</summary>
    /// <param name="file">All bytes of the file.</param>
    /// <param name="installation">The installation to which it must belong.</param>
    /// <exception cref="CorruptRecordException">The head is damaged, of a newer program, or of another installation.</exception>
    public static ReadOnlySpan<byte> StateOf(ReadOnlySpan<byte> file, InstallationId installation)
    {
        if (!file.StartsWith(Magic))
        {
            return file;
        }

        if (file.Length < SizeBytes || file[Magic.Length] != Version)
        {
            throw new CorruptRecordException("the head of the saved state is damaged, or a newer program wrote it");
        }

        return file.StartsWith(Of(installation))
            ? file[SizeBytes..]
            : throw new CorruptRecordException(
                $"the saved state belongs to installation {Convert.ToHexStringLower(file[(Magic.Length + 1)..SizeBytes])}, not to {installation}");
    }
}

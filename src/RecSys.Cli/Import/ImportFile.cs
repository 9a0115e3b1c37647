using System.Text;
using ZstdSharp;

namespace RecSys.Cli.Import;

/// <summary>Reads a file, unpacked and converted to UTF-8. Its packing and encoding are detected by its first bytes.</summary>
internal sealed class ImportFile : IDisposable
{
    private const int HeadBytes = 64;

    private readonly FileStream _file;

    private ImportFile(FileStream file, Stream text, string encoding, string? packing)
    {
        _file = file;
        Text = text;
        Encoding = encoding;
        Packing = packing;
    }

    /// <summary>Gets the text, as UTF-8.</summary>
    public Stream Text { get; }

    /// <summary>Gets the name of the encoding that was found.</summary>
    public string Encoding { get; }

    /// <summary>Gets the name of the packing; null if there is none.</summary>
    public string? Packing { get; }

    /// <summary>Gets the share of the file that was read, 0 to 1.</summary>
    public double Share => _file.Length == 0 ? 1 : (double)_file.Position / _file.Length;

    /// <summary>Opens a file.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="encoding">The name of its encoding; null detects it: UTF-8, or UTF-16 with a byte-order mark or by its zero bytes.</param>
    /// <exception cref="CommandException">The file cannot be opened, or the encoding is not known.</exception>
    public static ImportFile Open(string path, string? encoding = null)
    {
        FileStream file;
        try
        {
            file = new FileStream(
                path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read, Options = FileOptions.SequentialScan, BufferSize = 1 << 16 });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{path}: cannot be read: {error.Message}");
        }

        try
        {
            if (!file.CanSeek)
            {
                throw new CommandException($"{path}: {Files.PipeRule}");
            }

            Span<byte> head = stackalloc byte[HeadBytes];
            int length = file.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
            file.Position = 0;
            (Stream unpacked, string? packing) = Unpack(file, head[..length]);
            if (packing is not null)
            {
                (unpacked, byte[] unpackedHead) = Peek(unpacked);
                unpackedHead.CopyTo(head);
                length = unpackedHead.Length;
            }

            Encoding? other = encoding is null ? EncodingOf(head[..length]) : Named(encoding);
            return other is null or UTF8Encoding
                ? new ImportFile(file, unpacked, "UTF-8", packing)
                : new ImportFile(file, System.Text.Encoding.CreateTranscodingStream(unpacked, other, System.Text.Encoding.UTF8), other.WebName.ToUpperInvariant(), packing);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Returns the name of a file without the ending of its packing: <c>events.csv</c> of <c>events.csv.gz</c>.</summary>
    public static string Unpacked(string path) =>
        Path.GetExtension(path).ToLowerInvariant() is ".gz" or ".gzip" or ".zst" or ".zstd" ? Path.ChangeExtension(path, null) : path;

    /// <inheritdoc/>
    public void Dispose()
    {
        Text.Dispose();
        _file.Dispose();
    }

    private static (Stream Text, string? Packing) Unpack(FileStream file, ReadOnlySpan<byte> head) => head switch
    {
        [0x1F, 0x8B, ..] => (new CheckedGzipStream(file), "gzip"),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => (new DecompressionStream(file, leaveOpen: true), "zstd"),
        [(byte)'P', (byte)'K', 3, 4, ..] => throw new CommandException($"{file.Name}: is a zip archive or a workbook; unpack it, or save the sheet as CSV"),
        [(byte)'B', (byte)'Z', (byte)'h', ..] => throw new CommandException($"{file.Name}: is packed with bzip2; unpack it, or pack it with gzip or zstd"),
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', ..] => throw new CommandException($"{file.Name}: is packed with xz; unpack it, or pack it with gzip or zstd"),
        [(byte)'P', (byte)'A', (byte)'R', (byte)'1', ..] => throw new CommandException($"{file.Name}: is a Parquet file; write it as CSV or JSON lines"),
        _ => (file, null),
    };

    private static (Stream Text, byte[] Head) Peek(Stream packed)
    {
        byte[] head = new byte[HeadBytes];
        int length = packed.ReadAtLeast(head, HeadBytes, throwOnEndOfStream: false);
        return (new PrefixedStream(head[..length], packed), head[..length]);
    }

    private static Encoding? EncodingOf(ReadOnlySpan<byte> head) => head switch
    {
        [0xFF, 0xFE, 0, 0, ..] => Named("utf-32"),
        [0xFF, 0xFE, ..] => Named("utf-16"),
        [0xFE, 0xFF, ..] => Named("utf-16BE"),
        [not 0, 0, not 0, 0, ..] => Named("utf-16"),
        [0, not 0, 0, not 0, ..] => Named("utf-16BE"),
        _ => null,
    };

    // Bytes that the encoding does not have end the reading: they are not replaced by question marks.
    private static Encoding Named(string name)
    {
        try
        {
            return CodePagesEncodingProvider.Instance.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                ?? System.Text.Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
        }
        catch (ArgumentException)
        {
            throw new CommandException($"--encoding: '{name}' is not known; utf-8, utf-16, latin1 and windows-1252 are, among others", ExitCodes.WrongUsage);
        }
    }
}

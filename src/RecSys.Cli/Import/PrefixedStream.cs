namespace RecSys.Cli.Import;

/// <summary>Reads the bytes that were already read from a stream, then the rest of the stream.</summary>
internal sealed class PrefixedStream(byte[] prefix, Stream rest) : ReadOnlyStream
{
    private int _read;

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        if (_read == prefix.Length)
        {
            return rest.Read(buffer);
        }

        int count = Math.Min(buffer.Length, prefix.Length - _read);
        prefix.AsSpan(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            rest.Dispose();
        }

        base.Dispose(disposing);
    }
}

namespace RecSys.Cli.Import;

/// <summary>Cuts a stream into lines of bytes.</summary>
internal static class Lines
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    /// <summary>Reads the lines without their ends; a line that is too long is null.</summary>
    /// <remarks>A line's bytes are valid until the next line is read.</remarks>
    public static IEnumerable<ReadOnlyMemory<byte>?> Read(Stream stream, int lengthMax)
    {
        byte[] buffer = new byte[Math.Min(lengthMax + 2, 1 << 16)];
        int length = 0;
        bool isTooLong = false;
        bool isFirst = true;
        while (true)
        {
            int start = 0;
            for (int end; (end = buffer.AsSpan(start, length - start).IndexOf((byte)'\n')) >= 0; start += end + 1)
            {
                yield return isTooLong ? (ReadOnlyMemory<byte>?)null : Line(start, end);
                isTooLong = false;
                isFirst = false;
            }

            buffer.AsSpan(start, length - start).CopyTo(buffer);
            length -= start;
            if (length == buffer.Length)
            {
                if (buffer.Length > lengthMax)
                {
                    isTooLong = true;
                    length = 0; // the rest of it is skipped up to its end
                }
                else
                {
                    Array.Resize(ref buffer, Math.Min(buffer.Length * 2, lengthMax + 2));
                }
            }

            int read = stream.Read(buffer, length, buffer.Length - length);
            if (read == 0)
            {
                break;
            }

            length += read;
        }

        if (length > 0 || isTooLong)
        {
            yield return isTooLong ? (ReadOnlyMemory<byte>?)null : Line(0, length);
        }

        ReadOnlyMemory<byte> Line(int start, int count)
        {
            ReadOnlyMemory<byte> line = buffer.AsMemory(start, count);
            if (isFirst && line.Span.StartsWith(ByteOrderMark))
            {
                line = line[ByteOrderMark.Length..];
            }

            return line.Span.EndsWith("\r"u8) ? line[..^1] : line;
        }
    }
}

using System.Text;
using ZstdSharp;

namespace RecSys.Cli.Import;

/// <summary>Reads the lines of a stream, and lines ahead of the current one without moving on.</summary>
/// <remarks>Lines end with LF, CR LF, or CR where the first block of the file has no LF. A span is valid until the next call.</remarks>
internal sealed class LineReader(Stream stream, int lengthMax)
{
    private static readonly byte[] ByteOrderMark = [0xEF, 0xBB, 0xBF];

    private byte[] _buffer = new byte[1 << 16];
    private int _start;
    private int _end;
    private bool _isAtEnd;
    private bool _isBegun;
    private byte _lineEnd = (byte)'\n';

    /// <summary>Gets whether the line last found is longer than the limit; its bytes are then skipped by <see cref="Advance"/>.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Gets why the stream could not be read to its end; null if it could, or is not at its end yet.</summary>
    public string? Fault { get; private set; }

    /// <summary>Finds the line that begins some bytes after the current position.</summary>
    /// <param name="from">Where it begins, relative to the current position.</param>
    /// <param name="length">Its length, without its end.</param>
    /// <param name="next">Where the line after it begins.</param>
    /// <returns>False at the end of the stream.</returns>
    public bool TryFind(int from, out int length, out int next)
    {
        Begin();
        IsTooLong = false;
        int searched = from;
        while (true)
        {
            int end = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf(_lineEnd);
            if (end >= 0)
            {
                length = searched - from + end;
                next = searched + end + 1;
                break;
            }

            searched = _end - _start;
            if (searched - from > lengthMax)
            {
                IsTooLong = true;
                length = next = 0;
                return true;
            }

            if (!Fill())
            {
                length = searched - from;
                next = searched;
                if (length == 0)
                {
                    return false;
                }

                break;
            }
        }

        if (length > lengthMax)
        {
            IsTooLong = true;
        }

        if (length > 0 && _buffer[_start + from + length - 1] == '\r')
        {
            length--;
        }

        return true;
    }

    /// <summary>Gets bytes relative to the current position.</summary>
    public ReadOnlySpan<byte> Bytes(int from, int length) => _buffer.AsSpan(_start + from, length);

    /// <summary>Moves on to the byte that <see cref="TryFind"/> returned as the next line's; after a line that is too long, to the line after it.</summary>
    public void Advance(int next)
    {
        if (!IsTooLong || next > 0)
        {
            _start += next;
            return;
        }

        IsTooLong = false;
        while (true)
        {
            int end = _buffer.AsSpan(_start, _end - _start).IndexOf(_lineEnd);
            if (end >= 0)
            {
                _start += end + 1;
                return;
            }

            _start = _end;
            if (!Fill())
            {
                return;
            }
        }
    }

    private void Begin()
    {
        if (_isBegun)
        {
            return;
        }

        _isBegun = true;
        Fill();
        ReadOnlySpan<byte> block = _buffer.AsSpan(0, _end);
        if (block.StartsWith(ByteOrderMark))
        {
            _start = ByteOrderMark.Length;
        }

        if (block.Contains((byte)'\r') && !block.Contains((byte)'\n'))
        {
            _lineEnd = (byte)'\r';
        }
    }

    private bool Fill()
    {
        if (_isAtEnd)
        {
            return false;
        }

        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        int read = 0;
        try
        {
            read = stream.Read(_buffer, _end, _buffer.Length - _end);
        }
        catch (Exception error) when (error is IOException or InvalidDataException or ZstdException)
        {
            Fault = error.Message;
        }
        catch (DecoderFallbackException)
        {
            throw new CommandException("the file contains bytes that are not valid in its encoding; name the right one with --encoding");
        }

        _end += read;
        _isAtEnd = read == 0;
        return read > 0;
    }
}

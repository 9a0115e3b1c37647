using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace RecSys.Server.Bodies;

/// <summary>Cuts a body of any length into lines, in one rented buffer that grows to the longest line and no further.</summary>
internal sealed class LineBuffer(HttpRequest request) : IDisposable
{
    private const int Start = 131_072;
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(Start);
    private int _begin;
    private int _end;
    private int _searched;
    private bool _isEnded;

    /// <summary>The line that was found last, without its end; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Whether the line that was found last, or is being read, is longer than allowed.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Finds the next line among the bytes that are there.</summary>
    public bool TryNext()
    {
        int found = _buffer.AsSpan(_begin + _searched, _end - _begin - _searched).IndexOf((byte)'\n');
        if (found >= 0)
        {
            int length = _searched + found;
            Take(length, length + 1);
            return true;
        }

        _searched = _end - _begin;
        if (_isEnded && _searched > 0)
        {
            Take(_searched, _searched);
            return true;
        }

        IsTooLong |= _searched > RecSysServerOptions.LineBytesMax;
        return false;
    }

    /// <summary>Reads more bytes; false at the end of the body, once all lines are found.</summary>
    public async ValueTask<bool> FillAsync(CancellationToken cancellationToken)
    {
        if (_isEnded)
        {
            return false;
        }

        MakeRoom();
        int read = await request.Body.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
        _end += read;
        _isEnded = read == 0;
        return true;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        byte[] buffer = _buffer;
        _buffer = [];
        Line = default;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Take(int length, int consumed)
    {
        IsTooLong = length > RecSysServerOptions.LineBytesMax;
        Line = _buffer.AsMemory(_begin, length);
        _begin += consumed;
        _searched = 0;
    }

    private void MakeRoom()
    {
        int length = _end - _begin;
        byte[] target = _buffer;
        if (length == _buffer.Length)
        {
            target = ArrayPool<byte>.Shared.Rent(_buffer.Length * 2);
        }
        else if (_end < _buffer.Length)
        {
            return;
        }

        Buffer.BlockCopy(_buffer, _begin, target, 0, length);
        if (target != _buffer)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = target;
        }

        (_begin, _end) = (0, length);
    }
}

using System.Buffers;
using Microsoft.AspNetCore.Http;
using RecSys.Core.Ports;

namespace RecSys.Server.Bodies;

/// <summary>Splits a body of any length into lines, in one rented buffer that grows to the longest line at most.</summary>
internal sealed class LineBuffer : IAsyncDisposable
{
    private const int StartBytes = 32_768;
    private readonly HttpRequest _request;
    private readonly RequestMemoryLimiter _limiter;
    private readonly MemoryPermit _permit;
    private readonly CancellationTokenSource _late;
    private readonly CancellationTokenRegistration _onStopping;
    private byte[] _buffer;
    private int _begin;
    private int _end;
    private int _searched;
    private bool _isEnded;
    private bool _isLineFound = true; // since the deadline was set
    private bool _isDeadlineOfLine;
    private Task<bool>? _filling;

    /// <summary>Rents the buffer.</summary>
    /// <param name="request">The request whose body is read.</param>
    /// <param name="limiter">Limits the bytes in memory.</param>
    /// <param name="time">Clock of the deadlines within which bytes must arrive.</param>
    /// <param name="stopping">Cancelled when the server stops.</param>
    /// <exception cref="OverloadedException">The limit of bytes in memory is reached.</exception>
    public LineBuffer(HttpRequest request, RequestMemoryLimiter limiter, TimeProvider time, CancellationToken stopping)
    {
        _request = request;
        _limiter = limiter;
        _permit = limiter.Open();
        ReservePermit(StartBytes);
        _buffer = ArrayPool<byte>.Shared.Rent(StartBytes);
        _late = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _onStopping = stopping.Register(_late.Cancel);
    }

    /// <summary>Gets the line that was found last, without its end; valid until the next call.</summary>
    public ReadOnlyMemory<byte> Line { get; private set; }

    /// <summary>Gets whether the last or current line is longer than allowed.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Gets whether the deadline of an incomplete line, or of the next line, has passed, or the server stops.</summary>
    public bool IsLate => _late.IsCancellationRequested;

    /// <summary>Gets whether a part of a line has arrived without its end.</summary>
    public bool IsInLine => _end > _begin;

    /// <summary>Finds the next line in the bytes in memory.</summary>
    public bool TryNext()
    {
        int found = _buffer.AsSpan(_begin + _searched, _end - _begin - _searched).IndexOf((byte)'\n');
        if (found >= 0)
        {
            int length = _searched + found;
            SetLine(length, length + 1);
            return true;
        }

        _searched = _end - _begin;
        if (_isEnded && _searched > 0)
        {
            SetLine(_searched, _searched);
            return true;
        }

        IsTooLong |= _searched > RecSysServerOptions.LineBytesMax;
        return false;
    }

    /// <summary>Reads more bytes; returns false at the end of the body, once all lines are found. Calls must not overlap.</summary>
    /// <exception cref="OverloadedException">The limit of bytes in memory is reached.</exception>
    /// <exception cref="OperationCanceledException">
    /// No byte arrived for <see cref="RecSysServerOptions.StreamIdleMax"/>, or a line was incomplete after <see cref="RecSysServerOptions.StreamLineDeadline"/>, or the server stops.
    /// </exception>
    public Task<bool> FillAsync()
    {
        if (_isEnded)
        {
            return Task.FromResult(false);
        }

        MakeRoom();
        if (_isLineFound || _isDeadlineOfLine != IsInLine)
        {
            // Further bytes of a line do not extend its deadline.
            _late.CancelAfter(IsInLine ? RecSysServerOptions.StreamLineDeadline : RecSysServerOptions.StreamIdleMax);
            (_isLineFound, _isDeadlineOfLine) = (false, IsInLine);
        }

        return _filling = ReadAsync();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _onStopping.DisposeAsync().ConfigureAwait(false);
        if (_filling is { IsCompleted: false })
        {
            // The read must end before the buffer is given to another request.
            await _late.CancelAsync().ConfigureAwait(false);
            await ((Task)_filling).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        _late.Dispose();
        Line = default;
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _permit.Dispose();
    }

    private async Task<bool> ReadAsync()
    {
        int read = await BodyReading.ReadAsync(_request, _buffer.AsMemory(_end), _late.Token).ConfigureAwait(false);
        _end += read;
        _isEnded = read == 0;
        return true;
    }

    private void SetLine(int length, int consumed)
    {
        IsTooLong = length > RecSysServerOptions.LineBytesMax;
        Line = _buffer.AsMemory(_begin, length);
        _begin += consumed;
        _searched = 0;
        _isLineFound = true;
    }

    private void ReservePermit(long bytes)
    {
        if (!_permit.TrySet(bytes))
        {
            throw new OverloadedException(_limiter.Exhausted);
        }
    }

    private void MakeRoom()
    {
        int length = _end - _begin;
        if (length == 0 && _buffer.Length > StartBytes)
        {
            // While a stream waits for its next line, it uses the initial buffer again.
            Replace(StartBytes, length);
        }
        else if (length == _buffer.Length)
        {
            Replace(_buffer.Length * 2, length);
        }
        else if (_end == _buffer.Length)
        {
            Buffer.BlockCopy(_buffer, _begin, _buffer, 0, length);
            (_begin, _end) = (0, length);
        }
    }

    private void Replace(int size, int length)
    {
        ReservePermit(size);
        byte[] target = ArrayPool<byte>.Shared.Rent(size);
        Buffer.BlockCopy(_buffer, _begin, target, 0, length);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = target;
        (_begin, _end) = (0, length);
    }
}

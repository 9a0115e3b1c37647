using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>Encoded records that are queued to be written.</summary>
internal sealed class LogAppend : IQueued
{
    private const int RecordSizeHint = 160;

    private readonly TaskCompletionSource<LogPosition> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly RecordBuffer _buffer;

    private LogAppend(RecordBuffer buffer, int records)
    {
        _buffer = buffer;
        Records = records;
        Bytes = buffer.Length;
    }

    public int Records { get; }

    public long Bytes { get; }

    public Task<LogPosition> Done => _done.Task;

    public ReadOnlySpan<byte> Encoded => _buffer.Written;

    /// <summary>Gets or sets the offset of the last record, once it is written.</summary>
    public long Last { get; set; }

    public static LogAppend Encode(LogRecordCodec codec, IReadOnlyList<LogRecord> records)
    {
        RecordBuffer buffer = new(Math.Min(records.Count, StoredChunk.RecordsMax) * RecordSizeHint);
        try
        {
            for (int index = 0; index < records.Count; index++)
            {
                buffer.BeginRecord();
                codec.Encode(records[index], buffer);
                int length = buffer.EndRecord();
                if (length > Limits.RecordBytesMax)
                {
                    throw new ArgumentException(
                        $"record {index} has {length} bytes; at most {nameof(Limits.RecordBytesMax)} = {Limits.RecordBytesMax} are allowed", nameof(records));
                }
            }

            return new LogAppend(buffer, records.Count);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    public void Complete()
    {
        _buffer.Dispose();
        _done.SetResult(new LogPosition(0, [Last]));
    }

    public void Fail(Exception reason)
    {
        Drop();
        _done.SetException(reason);
    }

    /// <summary>Returns the buffer to the pool after an append that was not queued, or failed.</summary>
    public void Drop() => _buffer.Dispose();
}

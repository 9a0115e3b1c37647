using Confluent.Kafka;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>An append whose messages the brokers have not all confirmed or refused yet.</summary>
internal sealed class PendingAppend
{
    private readonly TaskCompletionSource<LogPosition> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly AckedEnds _ends;
    private readonly long[] _last;
    private readonly Action<PendingAppend, bool> _onEnd;
    private string? _failure;
    private int _left;
    private int _hasEnded;

    public PendingAppend(AckedEnds ends, int messages, long bytes, long began, Action<PendingAppend, bool> onEnd)
    {
        _ends = ends;
        _left = messages;
        _onEnd = onEnd;
        Records = messages;
        Bytes = bytes;
        Began = began;
        _last = new long[ends.Count];
        Array.Fill(_last, -1);
        OnReport = Report;
    }

    public int Records { get; }

    public long Bytes { get; }

    /// <summary>Gets the time stamp of the append.</summary>
    public long Began { get; }

    /// <summary>Gets the position of the last records, once all are durable.</summary>
    public Task<LogPosition> Done => _done.Task;

    /// <summary>Gets the handler of the reports, one for all messages.</summary>
    public Action<DeliveryReport<byte[], byte[]>> OnReport { get; }

    /// <summary>Ends messages that were not handed to the producer.</summary>
    public void NotSent(int messages, string reason)
    {
        Volatile.Write(ref _failure, reason);
        End(messages);
    }

    /// <summary>Ends the append without the reports that are missing.</summary>
    public void Abandon(string reason)
    {
        Volatile.Write(ref _failure, reason);
        Finish();
    }

    private void Report(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError || report.Status != PersistenceStatus.Persisted)
        {
            Volatile.Write(ref _failure, report.Error.IsError ? report.Error.Reason : "not confirmed");
        }
        else if (_ends.TryMove(report.Partition.Value, report.Offset.Value + 1))
        {
            _last[report.Partition.Value] = report.Offset.Value; // the thread of the producer makes all reports
        }
        else
        {
            Volatile.Write(ref _failure, "the topic is another one than before");
        }

        End(1);
    }

    private void End(int messages)
    {
        if (Interlocked.Add(ref _left, -messages) <= 0)
        {
            Finish();
        }
    }

    private void Finish()
    {
        if (Interlocked.Exchange(ref _hasEnded, 1) == 1)
        {
            return;
        }

        _onEnd(this, _failure is null);
        if (_failure is { } reason)
        {
            _done.SetException(new StoreUnavailableException($"Kafka did not confirm the append ({reason}): it is unknown which of its records are stored"));
        }
        else
        {
            _done.SetResult(new LogPosition(KafkaInteractionLog.Epoch, [.. _last]));
        }
    }
}

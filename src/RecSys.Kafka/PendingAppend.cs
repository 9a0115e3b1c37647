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

    /// <summary>Gets when the append began, as a timestamp of <see cref="TimeProvider.GetTimestamp"/>.</summary>
    public long Began { get; }

    /// <summary>Gets the task that completes when all records are durable, with the offset of the last of them in each partition, −1 in a partition without any; it fails if one record is not known to be durable.</summary>
    public Task<LogPosition> Done => _done.Task;

    /// <summary>Gets the handler of delivery reports, which all messages of the append share.</summary>
    public Action<DeliveryReport<byte[], byte[]>> OnReport { get; }

    /// <summary>Marks the append as failed because the producer did not take some of its messages; no reports follow for these.</summary>
    /// <param name="messages">The number of these messages.</param>
    /// <param name="reason">The reason, for the message of the exception.</param>
    public void NotSent(int messages, string reason)
    {
        Volatile.Write(ref _failure, reason);
        End(messages);
    }

    /// <summary>Fails the append without waiting for the missing reports.</summary>
    public void Abandon(string reason)
    {
        Volatile.Write(ref _failure, reason);
        Finish();
    }

    private void Report(DeliveryReport<byte[], byte[]> report)
    {
        if (report.Error.IsError || report.Status != PersistenceStatus.Persisted)
        {
            Volatile.Write(ref _failure, report.Error.IsError ? report.Error.Reason : "the brokers did not acknowledge a message");
        }
        else if (_ends.TryMove(report.Partition.Value, report.Offset.Value + 1))
        {
            _last[report.Partition.Value] = report.Offset.Value; // not locked: the producer calls this method on one thread only
        }
        else
        {
            Volatile.Write(ref _failure, "the topic was deleted and created again");
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

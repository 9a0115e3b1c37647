using RecSys.Core.Log;

namespace RecSys.Speed.Folds;

/// <summary>A fold over all partitions of the log, as <see cref="FoldLoop"/> drives it: one writer, under the loop's lock.</summary>
internal interface INodeFold
{
    /// <summary>Its name in the store.</summary>
    string Name { get; }

    /// <summary>Up to where it has taken the log in.</summary>
    LogPosition Position { get; }

    /// <summary>Whether its saved state would tell something new, or only a later position.</summary>
    bool HasChanged { get; }

    /// <summary>Waits until whatever must have a record first has it.</summary>
    ValueTask WaitForOthersAsync(RecordPosition record, CancellationToken cancellationToken);

    void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries);

    /// <summary>The bytes of state and position together; from now on it has not changed.</summary>
    byte[] Encode();
}

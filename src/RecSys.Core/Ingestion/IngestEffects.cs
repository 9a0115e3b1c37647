namespace RecSys.Core.Ingestion;

/// <summary>Work that an ingest actor has to carry out after each call of its <see cref="IngestMachine"/>, and then clears.</summary>
public sealed class IngestEffects
{
    /// <summary>Gets the messages to send to users' actors, in this order.</summary>
    public List<Take> Takes { get; } = [];

    /// <summary>Gets the reads to start; each <see cref="IngestReading"/> has at most one under way at a time.</summary>
    public List<IngestRead> Reads { get; } = [];

    /// <summary>Gets the checkpoint to save, or null.</summary>
    public IngestSave? Save { get; internal set; }

    /// <summary>Gets the reason to stop, or null.</summary>
    public IngestStop? Stop { get; internal set; }

    /// <summary>Gets whether there is no work.</summary>
    public bool IsEmpty => Takes.Count == 0 && Reads.Count == 0 && Save is null && Stop is null;

    /// <summary>Removes all work.</summary>
    public void Clear()
    {
        Takes.Clear();
        Reads.Clear();
        Save = null;
        Stop = null;
    }
}

/// <summary>The readings of an ingest machine, each of which is a series of reads.</summary>
public enum IngestReading
{
    /// <summary>Reads new records from <see cref="IngestMachine.Next"/> on; waits there until one is appended.</summary>
    New = 0,

    /// <summary>Reads old records again for users that miss some.</summary>
    Rewind = 1,

    /// <summary>Reads old records again for parked users.</summary>
    Parked = 2,
}

/// <summary>A request to read the log.</summary>
/// <param name="Reading">The reading to which it belongs.</param>
/// <param name="From">First offset to read.</param>
/// <param name="CountMax">Maximum number of records.</param>
public readonly record struct IngestRead(IngestReading Reading, long From, int CountMax);

/// <summary>A checkpoint to save by compare-and-set.</summary>
/// <param name="Revision">Revision to save it at.</param>
/// <param name="State">Bytes of the checkpoint, as <see cref="IngestCheckpointCodec"/> writes them.</param>
public readonly record struct IngestSave(long Revision, byte[] State);

/// <summary>Reason why an ingest machine stops.</summary>
public enum IngestStopReason
{
    /// <summary>Another machine runs for the same partition and saved a checkpoint. Start again from that checkpoint, or leave the partition to the other machine.</summary>
    AnotherRuns = 0,

    /// <summary>The log has deleted records that were not ingested. Rebuild the states.</summary>
    BehindRetention = 1,

    /// <summary>The checkpoint is past the end of the log: the log lost its newest records, or is an older copy. Rebuild the states.</summary>
    AheadOfLog = 2,
}

/// <summary>The stop of an ingest machine.</summary>
/// <param name="Reason">Reason of the stop.</param>
/// <param name="Offset">Depending on the reason: the conflicting checkpoint, the oldest required record that the log no longer contains, or the checkpoint past the log's end.</param>
public readonly record struct IngestStop(IngestStopReason Reason, long Offset);

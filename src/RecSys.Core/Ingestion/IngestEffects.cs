namespace RecSys.Core.Ingestion;

/// <summary>What an ingest actor has to do after it told its <see cref="IngestMachine"/> something. Carried out, then cleared.</summary>
public sealed class IngestEffects
{
    /// <summary>What to send to the users' actors, in this order.</summary>
    public List<Take> Takes { get; } = [];

    /// <summary>What to read; at most one of each kind is under way at a time.</summary>
    public List<IngestRead> Reads { get; } = [];

    /// <summary>The checkpoint to save, if one is due.</summary>
    public IngestSave? Save { get; internal set; }

    /// <summary>Why to stop, if it has to.</summary>
    public IngestStop? Stop { get; internal set; }

    /// <summary>Whether there is nothing to do.</summary>
    public bool IsEmpty => Takes.Count == 0 && Reads.Count == 0 && Save is null && Stop is null;

    /// <summary>Forgets what was carried out.</summary>
    public void Clear()
    {
        Takes.Clear();
        Reads.Clear();
        Save = null;
        Stop = null;
    }
}

/// <summary>Which reading a chunk belongs to.</summary>
public enum IngestReading
{
    /// <summary>On from <see cref="IngestMachine.Next"/>: wait there until there is something.</summary>
    New = 0,

    /// <summary>Again, for users who miss something.</summary>
    Rewind = 1,

    /// <summary>Again, for users who were set aside.</summary>
    Parked = 2,
}

/// <summary>A wish to read the log.</summary>
/// <param name="Reading">For what.</param>
/// <param name="From">The first offset wanted.</param>
/// <param name="CountMax">The most records wanted.</param>
public readonly record struct IngestRead(IngestReading Reading, long From, int CountMax);

/// <summary>A checkpoint to save by compare-and-set.</summary>
/// <param name="Revision">The revision to save it at.</param>
/// <param name="State">Its bytes, as <see cref="IngestCheckpointCodec"/> writes them.</param>
public readonly record struct IngestSave(long Revision, byte[] State);

/// <summary>Why an ingest machine stops.</summary>
public enum IngestStopReason
{
    /// <summary>Another one runs for the same partition: it saved a checkpoint. Start again from it, or leave it to the other.</summary>
    AnotherRuns = 0,

    /// <summary>The log no longer holds what was not ingested yet: only a rebuild helps, nothing is skipped.</summary>
    BehindRetention = 1,

    /// <summary>The checkpoint is past the log's end: the log lost its newest records, or is an older copy. Only a rebuild helps.</summary>
    AheadOfLog = 2,
}

/// <summary>That an ingest machine stopped.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Offset">The checkpoint that conflicted, the oldest record that is needed and gone, or the checkpoint that is past the log's end.</param>
public readonly record struct IngestStop(IngestStopReason Reason, long Offset);

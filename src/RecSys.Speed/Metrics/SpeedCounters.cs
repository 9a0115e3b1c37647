namespace RecSys.Speed.Metrics;

/// <summary>Counters of the speed layer since its start. Safe for concurrent use.</summary>
internal sealed class SpeedCounters
{
    private long _saves;
    private long _conflicts;
    private long _saveFailures;
    private long _loadFailures;
    private long _passivated;
    private long _ingestRestarts;
    private long _deadLetters;
    private long _unhandled;
    private long _erasures;
    private long _damagedStates;
    private long _mergeCuts;
    private long _cutStates;

    public long Saves => Interlocked.Read(ref _saves);

    public long Conflicts => Interlocked.Read(ref _conflicts);

    public long SaveFailures => Interlocked.Read(ref _saveFailures);

    public long LoadFailures => Interlocked.Read(ref _loadFailures);

    public long Passivated => Interlocked.Read(ref _passivated);

    public long IngestRestarts => Interlocked.Read(ref _ingestRestarts);

    public long DeadLetters => Interlocked.Read(ref _deadLetters);

    public long Unhandled => Interlocked.Read(ref _unhandled);

    public long Erasures => Interlocked.Read(ref _erasures);

    public long DamagedStates => Interlocked.Read(ref _damagedStates);

    /// <summary>Gets the number of reads of a profile that left out some of the users merged into it.</summary>
    public long MergeCuts => Interlocked.Read(ref _mergeCuts);

    /// <summary>Gets the number of damaged states that were rebuilt from a log without its first records.</summary>
    public long CutStates => Interlocked.Read(ref _cutStates);

    public void CountSave() => Interlocked.Increment(ref _saves);

    public void CountConflict() => Interlocked.Increment(ref _conflicts);

    public void CountSaveFailure() => Interlocked.Increment(ref _saveFailures);

    public void CountLoadFailure() => Interlocked.Increment(ref _loadFailures);

    public void CountPassivated() => Interlocked.Increment(ref _passivated);

    public void CountIngestRestart() => Interlocked.Increment(ref _ingestRestarts);

    public void CountDeadLetter() => Interlocked.Increment(ref _deadLetters);

    public void CountUnhandled() => Interlocked.Increment(ref _unhandled);

    public void CountDamagedState() => Interlocked.Increment(ref _damagedStates);

    public void CountErasure() => Interlocked.Increment(ref _erasures);

    public void CountMergeCut() => Interlocked.Increment(ref _mergeCuts);

    public void CountCutState() => Interlocked.Increment(ref _cutStates);
}

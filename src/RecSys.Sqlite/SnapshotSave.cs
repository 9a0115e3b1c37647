using RecSys.Core.Ports;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

/// <summary>A group of saves that waits for its outcomes.</summary>
internal sealed class SnapshotSave(IReadOnlyList<SavedState> states, long bytes) : IQueued
{
    private readonly TaskCompletionSource<SaveOutcome[]> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SaveOutcome[] _outcomes = new SaveOutcome[states.Count];

    public int Records => states.Count;

    public long Bytes => bytes;

    public Task<SaveOutcome[]> Done => _done.Task;

    public SavedState this[int index] => states[index];

    public void SetOutcome(int index, SaveOutcome outcome) => _outcomes[index] = outcome;

    public void Complete() => _done.SetResult(_outcomes);

    public void Fail(Exception reason) => _done.SetException(reason);
}

using System.Diagnostics.CodeAnalysis;
using RecSys.Core.Ports;

namespace RecSys.Actors.Persistence;

/// <summary>Groups the saves of actors into calls of a table, and reports the outcome of each save to its caller.</summary>
/// <remarks>
/// A table may also group calls into commits; that does not replace the groups of this class. Here an owner is at most once in a group, on every table, and a row that cannot be
/// written does not make other saves fail, because its group is split into halves that are saved again, down to the single row. docs/decisions/0028 compares the two.
/// </remarks>
internal sealed class SaveGroups
{
    private readonly ISnapshotTable _table;
    private readonly GroupedWork<Pending> _work;

    public SaveGroups(ISnapshotTable table, ActorsOptions options)
    {
        _table = table;
        _work = new GroupedWork<Pending>(options.SaveGroupMax, options.SaveGroupsInFlightMax, options.StoreQueueMax, SaveAsync);
    }

    /// <summary>Saves a state.</summary>
    /// <param name="state">State to save, with its owner and revision.</param>
    /// <param name="done">
    /// Called once, on any thread: with null when the state is durable; <see cref="SnapshotConflictException"/> if another incarnation saved
    /// this revision; <see cref="OverloadedException"/> if too many saves are queued; otherwise with the table's exception, which means that the outcome is unknown.
    /// </param>
    public void Save(SavedState state, Action<Exception?> done)
    {
        if (!_work.TryAdd(new Pending(state, done)))
        {
            done(new OverloadedException("too many saves wait for the snapshot table"));
        }
    }

    private async Task SaveAsync(List<Pending> group)
    {
        while (group.Count > 0)
        {
            // Of two incarnations of one owner, the later one is saved in a later group, so that it sees the outcome of the first.
            HashSet<string> owners = new(group.Count, StringComparer.Ordinal);
            List<Pending> once = new(group.Count);
            List<Pending> again = [];
            foreach (Pending pending in group)
            {
                (owners.Add(pending.State.Owner) ? once : again).Add(pending);
            }

            await SaveRangeAsync(once, 0, once.Count).ConfigureAwait(false);
            group = again;
        }
    }

    [SuppressMessage("Design", "CA1031:Do not catch general exception types", Justification = "every failure is reported to the callers of the saves")]
    private async Task SaveRangeAsync(List<Pending> group, int start, int count)
    {
        SavedState[] states = new SavedState[count];
        for (int i = 0; i < count; i++)
        {
            states[i] = group[start + i].State;
        }

        SaveOutcome[] outcomes;
        try
        {
            outcomes = await _table.SaveAsync(states, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (count == 1 || e is StoreUnavailableException or OverloadedException)
        {
            for (int i = 0; i < count; i++)
            {
                group[start + i].Done(e);
            }

            return;
        }
        catch (Exception)
        {
            await SaveRangeAsync(group, start, count / 2).ConfigureAwait(false);
            await SaveRangeAsync(group, start + (count / 2), count - (count / 2)).ConfigureAwait(false);
            return;
        }

        for (int i = 0; i < count; i++)
        {
            Pending pending = group[start + i];
            pending.Done(outcomes[i] == SaveOutcome.Saved ? null : SnapshotConflictException.Of(pending.State.Owner, pending.State.Revision));
        }
    }

    private readonly record struct Pending(SavedState State, Action<Exception?> Done);
}

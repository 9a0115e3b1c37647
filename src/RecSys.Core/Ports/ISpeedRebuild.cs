using RecSys.Core.Jobs;

namespace RecSys.Core.Ports;

/// <summary>The parts of the speed layer that can be rebuilt from the log.</summary>
[Flags]
public enum RebuildParts
{
    /// <summary>No part.</summary>
    None = 0,

    /// <summary>Users' profiles.</summary>
    Users = 1,

    /// <summary>The trends and co-visits of every node.</summary>
    Trends = 2,

    /// <summary>All parts.</summary>
    All = Users | Trends,
}

/// <summary>The losses of a log that a rebuild accepts.</summary>
[Flags]
public enum RebuildLosses
{
    /// <summary>No loss.</summary>
    None = 0,

    /// <summary>Damaged records: new states lack them.</summary>
    Damaged = 1,

    /// <summary>Records that retention removed from the log, where no state that can be read contains them.</summary>
    Removed = 2,
}

/// <summary>Rebuilds the states of the speed layer from the log, after damage of their store or a fault in a fold.</summary>
public interface ISpeedRebuild
{
    /// <summary>Reads the whole log, folds it into new states, one partition after the other, and replaces the old states by them, user by user.</summary>
    /// <param name="parts">The parts to rebuild.</param>
    /// <param name="accepted">The losses of the log despite which the states are rebuilt.</param>
    /// <param name="progress">Receives the progress; or null.</param>
    /// <param name="cancellationToken">Cancels the rebuild: each user then has the old state or the new one.</param>
    /// <remarks>
    /// Any node may run it. All nodes go on serving and ingesting; each state is replaced only by one that has at least its records, so that nothing acknowledged is lost. After a crash
    /// each user has the old state or the new one, and the call may be repeated. Where the log no longer begins at offset 0, readable states are kept and completed from the log.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The log has lost records and <paramref name="accepted"/> does not contain that loss, or a rebuild is under way; the call changed no state.
    /// </exception>
    /// <exception cref="RecSys.Core.Log.NewerRecordException">The log contains a record that only a newer program can read; the call changed no state.</exception>
    /// <exception cref="StoreUnavailableException">The log, the states or a node cannot be reached: each user has the old state or the new one, and the call may be repeated.</exception>
    ValueTask RebuildAsync(RebuildParts parts, RebuildLosses accepted, IProgress<JobProgress>? progress, CancellationToken cancellationToken);
}

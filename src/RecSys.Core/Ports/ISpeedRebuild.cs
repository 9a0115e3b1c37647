namespace RecSys.Core.Ports;

/// <summary>The parts of the speed layer that can be rebuilt from the log.</summary>
[Flags]
public enum RebuildParts
{
    /// <summary>No part.</summary>
    None = 0,

    /// <summary>Users' profiles.</summary>
    Users = 1,

    /// <summary>This node's folds: catalogue, trends and co-visits.</summary>
    Trends = 2,

    /// <summary>All parts.</summary>
    All = Users | Trends,
}

/// <summary>Rebuilds the states of the speed layer from the log, after a change of a fold's rules or damage of its store.</summary>
public interface ISpeedRebuild
{
    /// <summary>Reads the whole log, folds it into new states, and replaces the old states by them atomically.</summary>
    /// <param name="parts">The parts to rebuild.</param>
    /// <param name="acceptDamage">Whether to rebuild from a log that has lost records.</param>
    /// <param name="progress">Receives the share that is done, 0 to 1; or null.</param>
    /// <param name="cancellationToken">Cancels the rebuild; no data is changed before the replacement.</param>
    /// <remarks>
    /// Meanwhile the old states are served, and interactions are accepted. After a crash the states are either all old or all new. The log must
    /// still contain all its records, and this node must be the only one.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The log is damaged and <paramref name="acceptDamage"/> is false, it no longer contains its first records, other nodes run, or a rebuild is under way; the call changed no data.
    /// </exception>
    /// <exception cref="RecSys.Core.Log.NewerRecordException">The log contains a record that only a newer program can read; the call changed no data.</exception>
    /// <exception cref="StoreUnavailableException">The log or the states cannot be reached: the states are all old or all new, and the call may be repeated.</exception>
    ValueTask RebuildAsync(RebuildParts parts, bool acceptDamage, IProgress<double>? progress, CancellationToken cancellationToken);
}

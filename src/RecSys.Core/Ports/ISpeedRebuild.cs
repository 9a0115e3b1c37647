namespace RecSys.Core.Ports;

/// <summary>The parts of the speed layer that can be rebuilt from the log.</summary>
[Flags]
public enum RebuildParts
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Users' profiles.</summary>
    Users = 1,

    /// <summary>This node's folds: catalogue, trends and co-visits.</summary>
    Trends = 2,

    /// <summary>All of it.</summary>
    All = Users | Trends,
}

/// <summary>Rebuilds the states of the speed layer from the log, after a change of a fold's rules or damage of its store.</summary>
public interface ISpeedRebuild
{
    /// <summary>Reads the whole log through, folds it into new states, and puts these in the place of the old ones in one step.</summary>
    /// <param name="parts">The parts to rebuild.</param>
    /// <param name="acceptDamage">Whether states are made even from a log of which records are known to be lost.</param>
    /// <param name="progress">Called with the share that is done, 0 to 1; or null.</param>
    /// <param name="cancellationToken">Cancels the rebuild; before the exchange no data is changed.</param>
    /// <remarks>
    /// Meanwhile the old states answer, and interactions are accepted. A crash leaves the old states or the new ones, each whole. The whole
    /// log must be there still, and this node must be the only one.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The log is damaged and that is not accepted, it no longer holds its beginning, other nodes run, or a rebuild is under way; the call changed no data.
    /// </exception>
    /// <exception cref="RecSys.Core.Log.NewerRecordException">The log holds a record that only a newer program understands; the call changed no data.</exception>
    /// <exception cref="StoreUnavailableException">The log or the states cannot be reached: all states are old or all are new, and the call may be repeated.</exception>
    ValueTask RebuildAsync(RebuildParts parts, bool acceptDamage, IProgress<double>? progress, CancellationToken cancellationToken);
}

namespace RecSys.Core.Ports;

/// <summary>What of the speed layer is made anew from the log.</summary>
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

/// <summary>Makes the speed layer's states anew from the log, after a change of a fold's rules or a damage of its store.</summary>
public interface ISpeedRebuild
{
    /// <summary>Reads the whole log through, folds it into new states, and puts these in the place of the old ones in one step.</summary>
    /// <param name="parts">What is made anew.</param>
    /// <param name="acceptDamage">Whether states are made even from a log of which records are known to be lost.</param>
    /// <param name="progress">Told the share that is done, 0 to 1; or null.</param>
    /// <param name="cancellationToken">Ends it; before the step nothing was changed.</param>
    /// <remarks>
    /// Meanwhile the old states answer, and interactions are accepted. A crash leaves the old states or the new ones, each whole. The whole
    /// log must be there still, and this node must be the only one.
    /// </remarks>
    /// <exception cref="InvalidOperationException">
    /// The log is damaged and that is not accepted, it no longer holds its beginning, other nodes run, or a rebuild is under way; nothing was changed.
    /// </exception>
    /// <exception cref="RecSys.Core.Log.NewerRecordException">The log holds a record that only a newer program understands; nothing was changed.</exception>
    /// <exception cref="StoreUnavailableException">The log or the states cannot be reached: all states are the old ones or all are the new ones, and it may be tried again.</exception>
    ValueTask RebuildAsync(RebuildParts parts, bool acceptDamage, IProgress<double>? progress, CancellationToken cancellationToken);
}

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
    /// <summary>Throws the states away and folds the log from its start; done when what the log held at the beginning is applied again.</summary>
    /// <param name="parts">What is made anew.</param>
    /// <param name="progress">Told the share that is done, 0 to 1; or null.</param>
    /// <param name="cancellationToken">Stops the waiting: what was begun goes on, and the states come to be complete by themselves.</param>
    /// <remarks>
    /// Meanwhile profiles are incomplete and nothing is lost: interactions are accepted, and a crash goes on where it was. The whole log must
    /// be there still, and this node must be the only one.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The log no longer holds its beginning, other nodes run, or a rebuild is under way; nothing was changed.</exception>
    /// <exception cref="StoreUnavailableException">The states could not be thrown away: nothing was changed, or it may be tried again.</exception>
    ValueTask RebuildAsync(RebuildParts parts, IProgress<double>? progress, CancellationToken cancellationToken);
}

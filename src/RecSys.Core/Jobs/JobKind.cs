namespace RecSys.Core.Jobs;

/// <summary>The kinds of jobs.</summary>
public enum JobKind
{
    /// <summary>Trains a model, judges it, and publishes it if it is not worse.</summary>
    Train = 0,

    /// <summary>Evaluates the configuration offline and publishes no model.</summary>
    Evaluate = 1,

    /// <summary>Rebuilds the speed layer's states from the log.</summary>
    Rebuild = 2,

    /// <summary>Writes items, users or interactions as lines of JSON, to be fetched as the job's result.</summary>
    Export = 3,
}

namespace RecSys.Core.Jobs;

/// <summary>What a job does.</summary>
public enum JobKind
{
    /// <summary>Trains a model, judges it, and publishes it if it is not worse.</summary>
    Train = 0,

    /// <summary>Evaluates the configuration offline and publishes nothing.</summary>
    Evaluate = 1,

    /// <summary>Rebuilds the speed layer's states from the log.</summary>
    Rebuild = 2,

    /// <summary>Writes what is held as lines of JSON, to be fetched as the job's result.</summary>
    Export = 3,
}

namespace RecSys.Eng.Chaos;

/// <summary>Options of a run.</summary>
public sealed record ChaosOptions
{
    /// <summary>Gets the number of interactions that are recorded.</summary>
    /// <value>The default is 200,000; 1 or more, at most 500 for each user.</value>
    public int Interactions { get; init; } = 200_000;

    /// <summary>Gets the number of users.</summary>
    /// <value>The default is 10,000; 100 or more.</value>
    public int Users { get; init; } = 10_000;

    /// <summary>Gets the seed of the users, the items and the disturbed nodes.</summary>
    public int Seed { get; init; } = 2026;

    /// <summary>Gets the steps, in their order.</summary>
    /// <value>Names of <see cref="ChaosSteps.Names"/>; the default is all of them.</value>
    public IReadOnlyList<string> Steps { get; init; } = ChaosSteps.Names;

    /// <summary>Gets the time for which the cluster is left alone after each disturbance.</summary>
    /// <value>The default is 10 s.</value>
    public TimeSpan Settling { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets the time in which the interactions are recorded, if nothing fails.</summary>
    /// <value>The default is about the time that the steps take.</value>
    public TimeSpan? Pace { get; init; }

    /// <summary>Gets the factor of all bars that are times, and of the time within which a node must answer.</summary>
    /// <value>The default is 1; more where other programs use the machine too.</value>
    public int Margin { get; init; } = 1;

    /// <summary>Gets the folder into which the log of each node and the table of all seconds are written.</summary>
    /// <value>The default is none: they are written only where a guarantee or a bar is missed, into the run's temporary folder.</value>
    public string? Logs { get; init; }

    /// <summary>Gets the older program that the nodes run at first: the folder of a published one, or a commit, which is built.</summary>
    /// <value>The default is none: they run this build.</value>
    public string? From { get; init; }

    /// <summary>Returns what is wrong with the options; null if they are valid.</summary>
    public string? Problem() =>
        Users < 100 ? $"--users is {Users}; 100 or more are needed"
        : Interactions < 1 || Interactions / Users >= 500 ? $"--interactions is {Interactions}; 1 to {500L * Users - 1} are allowed for {Users} users, so that no profile drops its oldest ones"
        : Margin < 1 ? $"--margin is {Margin}; 1 or more is needed"
        : Steps.FirstOrDefault(step => !ChaosSteps.Names.Contains(step) && (From is null || !ChaosSteps.NamesOfTwoVersions.Contains(step))) is { } unknown ? $"--steps contains '{unknown}'; the steps are {string.Join(", ", ChaosSteps.Names)}"
        : null;
}

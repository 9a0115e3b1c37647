using RecSys.Numerics;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>The probabilities of faults in one run: drawn for each seed, so that some runs have many faults and some lack only one kind.</summary>
internal sealed class SimFaults
{
    public SimFaults(ref SeededRandom random)
    {
        Loss = Draw(ref random, 0.08);
        Repeat = Draw(ref random, 0.08);
        Late = Draw(ref random, 0.05);
        SaveFails = Draw(ref random, 0.25);
        SaveHangs = Draw(ref random, 0.12);
        SaveUnheard = Draw(ref random, 0.15);
        LoadFails = Draw(ref random, 0.15);
        ReadFails = Draw(ref random, 0.10);
        HintLoss = Draw(ref random, 1.2);
        Misroute = Draw(ref random, 0.8);
        CrashFold = Draw(ref random, 0.08);
        CrashUser = Draw(ref random, 4);
        CrashIngest = Draw(ref random, 1.5);
        CrashNode = Draw(ref random, 0.6);
        HandOff = Draw(ref random, 4);
        MovePartition = Draw(ref random, 2);
        Idle = Draw(ref random, 6);
        Cut = Draw(ref random, 3);
        Freeze = Draw(ref random, 2);
        Erase = Draw(ref random, 2);
        Merge = Draw(ref random, 1.5);
        NewEpoch = Draw(ref random, 0.3);
        Bad = Draw(ref random, 1.0);
        StateDamaged = Draw(ref random, 0.08);
    }

    /// <summary>Whether faults still occur; afterwards the system has to reach a state of rest.</summary>
    public bool IsOn { get; set; } = true;

    // Chances of one message, call or hint.
    public double Loss { get; }
    public double Repeat { get; }
    public double Late { get; }
    public double SaveFails { get; }
    public double SaveHangs { get; }
    public double SaveUnheard { get; }
    public double LoadFails { get; }
    public double ReadFails { get; }
    public double StateDamaged { get; }
    public double HintLoss { get; }
    public double Misroute { get; }
    public double CrashFold { get; }

    // Weights among what may happen next.
    public double CrashUser { get; }
    public double CrashIngest { get; }
    public double CrashNode { get; }
    public double HandOff { get; }
    public double MovePartition { get; }
    public double Idle { get; }
    public double Cut { get; }
    public double Freeze { get; }
    public double Erase { get; }
    public double Merge { get; }
    public double NewEpoch { get; }

    /// <summary>The chance that a user's row can never be written.</summary>
    public double Bad { get; }

    private static double Draw(ref SeededRandom random, double max) =>
        random.NextDouble() < 0.35 ? 0 : max * random.NextDouble();
}

using RecSys.Core.Tests.Ingestion.Simulation;
using Xunit;

namespace RecSys.Core.Tests.Ingestion;

/// <summary>Runs both machines with every fault that the protocol must tolerate. A violation names its seed, which repeats it.</summary>
public sealed class SimulationTests
{
    private const long FaultSteps = 3_000;

    /// <summary>Events that must occur in the run: without them it does not test the faults.</summary>
    private static readonly string[] Happenings =
    [
        "message lost", "message repeated", "message late", "message overtook another", "message lost in a hand-off", "message lost to a cut", "hint lost",
        "user crashed", "idle user stopped", "hand-off", "partition moved", "ingest crashed", "node crashed", "node cut off", "node frozen",
        "two incarnations of a user", "sent to either incarnation", "two incarnations of an ingest", "older incarnation saved late", "conflict", "stale", "checked before taking in", "found that another saved",
        "ingest stopped by another's checkpoint", "ingest left", "parked to leave",
        "save failed", "save hung", "hung save took effect", "hung save came too late", "save succeeded unheard", "save repeated", "load failed", "read failed", "damaged state made anew",
        "save of a user who can never be saved", "parked", "restarted with parked users", "unparked",
        "erased", "merged", "interaction id repeated", "retracted",
        "ingest restarted from a checkpoint", "chunks cut elsewhere after a restart", "epoch changed", "epoch drained",
        "gap", "probe", "forgotten early", "read again", "reminded by a reader", "read of own write", "read of own write while a node was apart",
        "fold crashed", "trends compared with their fold",
    ];

    [Fact]
    public void The_protocol_survives_thirty_thousand_steps_of_faults() => Run(fromSeed: 1, stepsMin: 30_000);

    [Fact]
    [Trait("Category", "Slow")]
    public void The_protocol_survives_millions_of_steps_that_include_every_fault()
    {
        SortedDictionary<string, long> counters = Run(fromSeed: 1_000, stepsMin: 12_000_000);

        foreach ((string what, long count) in counters)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{count,12:N0}  {what}");
        }

        Assert.DoesNotContain(Happenings, what => !counters.ContainsKey(what));
    }

    [Fact]
    public void A_seed_gives_the_same_run_every_time()
    {
        SortedDictionary<string, long> first = new(StringComparer.Ordinal);
        SortedDictionary<string, long> second = new(StringComparer.Ordinal);

        SimRun.Run(7, FaultSteps, first, out long firstSteps);
        SimRun.Run(7, FaultSteps, second, out long secondSteps);

        Assert.Equal(firstSteps, secondSteps);
        Assert.Equal(first, second);
    }

    private static SortedDictionary<string, long> Run(ulong fromSeed, long stepsMin)
    {
        SortedDictionary<string, long> counters = new(StringComparer.Ordinal);
        long steps = 0;
        for (ulong seed = fromSeed; steps < stepsMin; seed++)
        {
            string? violation = SimRun.Run(seed, FaultSteps, counters, out long ran);
            Assert.True(violation is null, violation);
            steps += ran;
        }

        return counters;
    }
}

using RecSys.Core.Tests.Ingestion.Simulation;
using Xunit;

namespace RecSys.Core.Tests.Ingestion;

public sealed class SimulationTests
{
    private const long FaultSteps = 3_000;

    [Fact]
    public void The_protocol_survives_thirty_thousand_steps_of_faults() => Run(fromSeed: 1, stepsMin: 30_000);

    [Fact]
    [Trait("Category", "Slow")]
    public void The_protocol_survives_a_million_steps_of_faults_and_meets_every_one()
    {
        SortedDictionary<string, long> counters = Run(fromSeed: 1_000, stepsMin: 1_000_000);

        foreach ((string what, long count) in counters)
        {
            TestContext.Current.TestOutputHelper?.WriteLine($"{count,10:N0}  {what}");
        }
    }

    private static SortedDictionary<string, long> Run(ulong fromSeed, long stepsMin)
    {
        SortedDictionary<string, long> counters = new(StringComparer.Ordinal);
        long steps = 0;
        for (ulong seed = fromSeed; steps < stepsMin; seed++)
        {
            string? violation = SimRun.Run(seed, FaultSteps, counters, out long ran);
            Assert.Null(violation);
            steps += ran;
        }

        return counters;
    }
}

using RecSys.Eng.Kills;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program, killed at random moments of writes, state saves, erasures, publishing and model swaps: a sample of the kills that RecSys.Eng reports.</summary>
[Trait("Category", "Slow")]
public sealed class KilledServerTests : IDisposable
{
    private const int Rounds = 12;
    private const int Seed = 7;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-kill-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Kills_lose_no_acknowledged_record_count_none_twice_and_restore_no_erased_one()
    {
        KillResult result = await KillRun.RunAsync(
            _folder.FullName, Rounds, Seed, text => TestContext.Current.TestOutputHelper?.WriteLine(text), TestContext.Current.CancellationToken);

        Assert.Empty(result.Violations);
        Assert.True(result.Acknowledged["interactions in batches"] > Rounds, "hardly anything was acknowledged");
        Assert.True(result.Acknowledged["erasures"] > 0, "nobody was erased between the kills");
        Assert.True(result.Acknowledged["models seen"] > 1, "no model was published between the kills");
    }
}

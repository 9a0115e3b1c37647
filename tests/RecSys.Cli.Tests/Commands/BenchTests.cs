using Xunit;

namespace RecSys.Cli.Tests.Commands;

[Trait("Category", "Slow")]
public sealed class BenchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-bench-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("serve", "serve.empty.rate", "serve.slate.rate", "serve.training.rate")]
    [InlineData("overload", "overload.offered", "overload.answered.p95", "overload.shed", "overload.tier.")]
    public async Task Slates_are_measured_on_the_users_of_a_folder(string bench, params string[] figures)
    {
        string events = Path.Combine(_folder.FullName, "events.csv");
        File.WriteAllLines(events, ["userId,itemId,type,timestamp", .. Enumerable.Range(0, 40).Select(row => $"user-{row % 8},item-{row % 5},click,{1_764_000_000 + (row * 60)}")]);
        string shop = Path.Combine(_folder.FullName, "shop");
        Assert.Equal(ExitCodes.Done, (await Cli.RunAsync("import", "interactions", events, "--data", shop)).ExitCode);

        (int exitCode, string output, string error) = await Cli.RunAsync("bench", bench, "--seconds", "1", "--data", shop);

        Assert.True(exitCode == ExitCodes.Done, error);
        Assert.Contains("8 users", error, StringComparison.Ordinal);
        Assert.All(figures, figure => Assert.Contains(figure, output, StringComparison.Ordinal));
    }
}

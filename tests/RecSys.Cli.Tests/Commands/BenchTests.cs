using Xunit;

namespace RecSys.Cli.Tests.Commands;

[Trait("Category", "Slow")]
public sealed class BenchTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-bench-test-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Serving_is_measured_on_the_users_of_a_folder()
    {
        string events = Path.Combine(_folder.FullName, "events.csv");
        File.WriteAllLines(events, ["userId,itemId,type", .. Enumerable.Range(0, 40).Select(row => $"user-{row % 8},item-{row % 5},click")]);
        string shop = Path.Combine(_folder.FullName, "shop");
        Assert.Equal(ExitCodes.Done, (await Cli.RunAsync("import", "interactions", events, "--data", shop)).ExitCode);

        (int exitCode, string output, string error) = await Cli.RunAsync("bench", "serve", "--seconds", "1", "--data", shop);

        Assert.True(exitCode == ExitCodes.Done, error);
        Assert.Contains("8 users", error, StringComparison.Ordinal);
        foreach (string figure in (string[])["serve.empty.rate", "serve.slate.rate", "serve.training.rate"])
        {
            Assert.Contains(figure, output, StringComparison.Ordinal);
        }
    }
}

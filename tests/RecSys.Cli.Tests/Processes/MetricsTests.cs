using System.Text.RegularExpressions;
using RecSys.Cli.Bench;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program exports the metrics that the operating guide lists.</summary>
public sealed partial class MetricsTests
{
    /// <summary>Counters with labels, which exist only after their first count.</summary>
    private static readonly string[] OnlyOnceCounted = ["recsys.serving.sources.left_out"];

    /// <summary>Beginnings of the metrics of stores that a server uses only if its settings name them.</summary>
    private static readonly string[] OfOptionalStores = ["recsys.kafka.", "recsys.postgres."];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_metric_of_the_guide_is_exported()
    {
        string[] named = [.. (await NamedAsync()).Except(OnlyOnceCounted).Where(name => !IsOfOptionalStore(name))];
        await using ServerProcess server = await ServerProcess.StartAsync(data: null, new Dictionary<string, string>(), TimeProvider.System, Cancel);
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(30) });
        InteractionBody[] rows =
        [
            .. Enumerable.Range(0, 400).Select(row => new InteractionBody { UserId = $"user-{row / 20}", ItemId = $"item-{row % 20 * (row % 3)}", Type = "view" }),
        ];
        await client.RecordAsync(rows, cancellationToken: Cancel);
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = "train" }, Cancel);
        await client.WaitForJobAsync(job.Id, cancellationToken: Cancel);
        await client.GetRecommendationsAsync("user-1", cancellationToken: Cancel);
        string reported = await client.GetMetricsAsync(Cancel);

        Assert.True(named.Length > 15, string.Join(' ', named));
        Assert.All(named, name => Assert.Contains(name.Replace('.', '_'), reported, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_metric_of_an_optional_store_in_the_guide_is_in_the_code()
    {
        string[] named = [.. (await NamedAsync()).Where(IsOfOptionalStore)];
        string code = string.Concat(Directory.EnumerateFiles(Path.Combine(Root(), "src"), "*Meter.cs", SearchOption.AllDirectories).Select(File.ReadAllText));

        Assert.NotEmpty(named);
        Assert.All(named, name => Assert.Contains($"\"{name}\"", code, StringComparison.Ordinal));
    }

    private static async Task<IEnumerable<string>> NamedAsync() =>
        Name().Matches(await File.ReadAllTextAsync(Path.Combine(Root(), "docs", "guides", "operating.md"), Cancel)).Select(match => match.Value).Distinct();

    private static bool IsOfOptionalStore(string name) => OfOptionalStores.Any(beginning => name.StartsWith(beginning, StringComparison.Ordinal));

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RecSys.sln")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }

    [GeneratedRegex(@"(?<=`)recsys\.[a-z]+\.[a-z_.]+(?=`)")]
    private static partial Regex Name();
}

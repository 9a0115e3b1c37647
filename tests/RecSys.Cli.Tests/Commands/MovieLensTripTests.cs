using System.Text.Json;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>From an empty folder to slates of film titles, by the commands of the README.</summary>
[Trait("Category", "Slow")]
public sealed class MovieLensTripTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("recsys-trip-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task MovieLens_is_imported_trained_and_queried()
    {
        string films = DataSets.Require("ml-100k");
        string data = _data.FullName;

        (int imported, string summary, _) = await Cli.RunAsync("import", "interactions", films, "--data", data);
        Assert.Equal(ExitCodes.Done, imported);
        Assert.Contains("100,000", summary, StringComparison.Ordinal);

        (int trained, string verdict, string trainError) = await Cli.RunAsync("train", "--data", data);
        Assert.True(trained == ExitCodes.Done, trainError);
        Assert.Contains("published", verdict, StringComparison.Ordinal);

        (_, string slate, _) = await Cli.RunAsync("recommend", "42", "--data", data, "--json");
        using JsonDocument answer = JsonDocument.Parse(slate);
        Assert.Equal(10, answer.RootElement.GetProperty("items").GetArrayLength());
        Assert.All(answer.RootElement.GetProperty("items").EnumerateArray(), item =>
        {
            Assert.NotEmpty(item.GetProperty("title").GetString()!);
            Assert.NotEmpty(item.GetProperty("explanation").GetString()!);
        });
        Assert.NotEmpty(answer.RootElement.GetProperty("modelVersion").GetString()!);

        (_, string models, _) = await Cli.RunAsync("models", "list", "--data", data);
        Assert.Contains("champion", models, StringComparison.Ordinal);
        (_, string card, _) = await Cli.RunAsync("models", "show", "--data", data);
        Assert.Matches(@"weights\.coVisit +[0-9]+\.[0-9]{1,4} ", card);

        (int similar, string like, _) = await Cli.RunAsync("similar", "50", "--data", data);
        Assert.Equal(ExitCodes.Done, similar);
        Assert.Contains("Empire Strikes Back", like, StringComparison.Ordinal); // to Star Wars

        string file = Path.Combine(data, "out.jsonl");
        (int exported, _, _) = await Cli.RunAsync("export", "interactions", file, "--data", data);
        Assert.Equal(ExitCodes.Done, exported);
        Assert.Equal(100_000, File.ReadLines(file).Count());

        (int healthy, string findings, _) = await Cli.RunAsync("doctor", "--data", data);
        Assert.True(healthy == ExitCodes.Done, findings);
    }

    [Fact]
    public async Task The_evaluation_on_the_published_split_is_above_its_floor()
    {
        string split = Path.Combine(DataSets.Require("ml-100k", "mcrec"), "ml-100k.");

        (int exitCode, string output, string error) = await Cli.RunAsync(
            "evaluate", "--split", $"{split}train.rating,{split}test.rating", "--data", _data.FullName, "--json");

        Assert.True(exitCode == ExitCodes.Done, error);
        using JsonDocument job = JsonDocument.Parse(output);
        JsonElement metrics = job.RootElement.GetProperty("result").GetProperty("metrics");
        Assert.True(metrics.GetProperty("model.ndcg@10").GetDouble() >= 0.275, output);
        Assert.True(metrics.GetProperty("slates.ndcg@10").GetDouble() >= 0.275, output);
        Assert.Contains("942 users", job.RootElement.GetProperty("message").GetString(), StringComparison.Ordinal);
    }
}

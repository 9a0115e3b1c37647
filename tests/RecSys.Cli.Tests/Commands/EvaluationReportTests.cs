using System.Text.Json;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>The report of an evaluation of a file: tables, JSON and a page.</summary>
public sealed class EvaluationReportTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-report-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Tables_fit_eighty_columns_and_show_slates_first_and_the_seen_share()
    {
        (int exitCode, string output, string error) = await Cli.RunAsync("evaluate", "--acts", Acts(), "--split", "prequential", "--type", "view", "--data", _folder.FullName);

        Assert.True(exitCode == ExitCodes.Done, error);
        Assert.All(output.Split('\n'), line => Assert.True(line.TrimEnd().Length <= 80, line));
        Assert.Matches(@"metric\s+slates\s+frozen\s+model\s+popularity\s+95 % of slates", output);
        Assert.Contains("share of places already seen", output, StringComparison.Ordinal);
        Assert.Contains("the order gives the times, 00:00:01 apart", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_bytes_of_json()
    {
        string acts = Acts();

        (_, string first, _) = await Cli.RunAsync("evaluate", "--acts", acts, "--split", "new-users", "--json", "--data", _folder.FullName);
        (_, string second, _) = await Cli.RunAsync("evaluate", "--acts", acts, "--split", "new-users", "--json", "--data", _folder.FullName);

        Assert.Equal(first, second);
        using JsonDocument job = JsonDocument.Parse(first);
        Assert.True(job.RootElement.GetProperty("result").GetProperty("metrics").GetProperty("slates.likes-3.ndcg@10").GetDouble() >= 0);
    }

    [Fact]
    public async Task The_page_is_one_file_with_charts_and_asks_the_network_for_nothing()
    {
        string page = Path.Combine(_folder.FullName, "report.html");

        (int exitCode, _, string error) = await Cli.RunAsync("evaluate", "--acts", Acts(), "--html", page, "--data", _folder.FullName);

        Assert.True(exitCode == ExitCodes.Done, error);
        string html = await File.ReadAllTextAsync(page, TestContext.Current.CancellationToken);
        Assert.Contains("<svg", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme:dark", html, StringComparison.Ordinal);
        Assert.DoesNotContain("http", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", html, StringComparison.Ordinal);
    }

    private string Acts()
    {
        string path = Path.Combine(_folder.FullName, "acts.txt");
        File.WriteAllLines(path, Enumerable.Range(0, 900).Select(i => $"u{i * 7 % 30} i{(i * 7 % 30 % 3 * 20) + (i % 17)}"));
        return path;
    }
}

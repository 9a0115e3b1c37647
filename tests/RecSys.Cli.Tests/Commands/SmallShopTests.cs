using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>A shop that is too small for a model: every command prints that.</summary>
[Trait("Category", "Slow")]
public sealed class SmallShopTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-shop-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Import_query_and_erase_work_without_a_model()
    {
        string items = Write("items.csv", "itemId,title,categories", "p1,Red mug,Kitchen", "p2,Blue mug,Kitchen", "p3,\"Lamp, tall\",Home|Light");
        string events = Write("events.csv", "customer,sku,action", "ada,p1,view", "bob,p1,purchase", "bob,p2,view", "cyd,p3,vieww");

        await Done("import", "items", items);
        Assert.Contains("no user to evaluate on", (await Done("evaluate")).Out, StringComparison.Ordinal);

        (string summary, string refused) = await Done("import", "interactions", events, "--map", "userId=customer,itemId=sku,type=action", "--allow-refused", "25%");
        Assert.Contains(" 3 ", summary, StringComparison.Ordinal);
        Assert.Contains("events.csv:5: type: 'vieww' is unknown; read it with --types vieww=", refused, StringComparison.Ordinal);
        Assert.Contains("all 4 rows count as happening now", refused, StringComparison.Ordinal);

        (string slate, string known) = await Done("recommend", "bob");
        Assert.Contains("Lamp, tall", slate, StringComparison.Ordinal);
        Assert.DoesNotContain("Red mug ", slate, StringComparison.Ordinal); // bought
        Assert.Contains("model none yet", known, StringComparison.Ordinal);
        Assert.Contains("2 interactions in the profile", known, StringComparison.Ordinal);
        Assert.Contains("this user has no interactions yet", (await Done("recommend", "zoe")).Error, StringComparison.Ordinal);

        Assert.Contains("--window allTime", (await Done("trending", "--category", "Light", "--window", "hour")).Error, StringComparison.Ordinal);
        Assert.Contains("are needed", (await Done("train")).Out, StringComparison.Ordinal);
        Assert.Contains("run recsys train", (await Done("models", "list")).Error, StringComparison.Ordinal);

        Assert.Contains("receipt", (await Done("erase", "bob", "--yes")).Out, StringComparison.Ordinal);
        (string left, _) = await Done("export", "interactions");
        Assert.DoesNotContain("bob", left, StringComparison.Ordinal);
        Assert.Contains("ada", left, StringComparison.Ordinal);
    }

    private string Write(string name, params string[] lines)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllLines(path, lines);
        return path;
    }

    private async Task<(string Out, string Error)> Done(params string[] command)
    {
        (int exitCode, string output, string error) = await Cli.RunAsync([.. command, "--data", Path.Combine(_folder.FullName, "shop")]);
        Assert.True(exitCode == ExitCodes.Done, $"{string.Join(' ', command)}: {error}");
        return (output, error);
    }
}

using System.Text.Json;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>Tests the output at the end of an import, and its effects.</summary>
[Trait("Category", "Slow")]
public sealed class ImportEndTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-end-");

    private string Shop => Path.Combine(_folder.FullName, "my shop");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Commands_to_try_next_name_a_user_of_the_file_and_work()
    {
        string events = Write("events.csv", "userId,itemId,type,timestamp", [.. Enumerable.Range(0, 12).Select(n => $"{(n == 0 ? "bob" : "o'hara")},p{n},view,2025-01-{n + 1:d2}")]);

        string error = (await DoneAsync("import", "interactions", events)).Error;

        string[] next = [.. error.Split('\n').Select(line => line.TrimEnd('\r')).Where(line => line.StartsWith("next: ", StringComparison.Ordinal))];
        Assert.Equal([$"next: recsys train --data '{Shop}'", $@"next: recsys recommend 'o'\''hara' --data '{Shop}'"], next);
        Assert.Contains("11 interactions in the profile", (await DoneAsync("recommend", "o'hara")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_of_prices_changes_the_prices_alone()
    {
        await DoneAsync("import", "items", Write("items.csv", "itemId,title,category,colour,stock", "1,Red mug,Kitchen,red,4", "2,Lamp,Home,blue,5"));
        await DoneAsync("import", "items", Write("prices.csv", "itemId,price,currency", "1,12.50,EUR", "2,,"));

        ItemRow[] items =
        [
            .. (await DoneAsync("export", "items")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Select(line => JsonSerializer.Deserialize(line, RecSysJsonContext.Wire.ItemRow)!).OrderBy(item => item.ItemId, StringComparer.Ordinal),
        ];

        Assert.Equal([("Red mug", 12.50m, "EUR", 4), ("Lamp", null, null, 5)], items.Select(item => (item.Title!, item.Price, item.Currency, item.Stock!.Value)));
        Assert.Equal(["red", "blue"], items.Select(item => item.Labels!["colour"].GetString()));
        Assert.Equal(["Kitchen", "Home"], items.Select(item => item.Categories![0]));
    }

    [Fact]
    public async Task Ids_that_the_catalogue_writes_otherwise_are_found_by_the_import_and_by_the_doctor()
    {
        string items = Write("items.csv", "article_id,prod_name", [.. Enumerable.Range(0, 12).Select(n => $"0{1000 + n},Title {n}")]);
        string events = Write("events.csv", "userId,article_id,type,timestamp", [.. Enumerable.Range(0, 12).Select(n => $"u{n},{1000 + n},view,2025-01-01")]);

        await DoneAsync("import", "items", items);
        string error = (await DoneAsync("import", "interactions", events)).Error;

        Assert.Contains("itemId: 12 of 12 ids looked up are not in the catalogue, such as '1000', but it has '01000' where these rows have '1000'", error, StringComparison.Ordinal);
        (_, string json, _) = await Cli.RunAsync("doctor", "--json", "--data", Shop);
        HealthCheck[] data = [.. JsonSerializer.Deserialize(json, RecSysJsonContext.Wire.HealthResponse)!.Checks.Where(check => check.Check.StartsWith("data: ", StringComparison.Ordinal))];
        Assert.Equal(["data: items", "data: times", "data: types"], data.Select(check => check.Check));
        Assert.StartsWith("100 % of the interactions", data[0].Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Users_that_the_other_file_writes_otherwise_are_found()
    {
        string users = Write("users.csv", "userId,age", "007,33", "008,34");
        string events = Write("events.csv", "userId,itemId,type,timestamp", "7,p,view,2025-01-01", "8,p,view,2025-01-02");

        await DoneAsync("import", "users", users);
        Assert.Contains("userId: '7' has no profile, but '007' has", (await DoneAsync("import", "interactions", events)).Error, StringComparison.Ordinal);
        Assert.Contains("userId: '007' has no interactions, but '7' has", (await DoneAsync("import", "users", users)).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("userId:", (await DoneAsync("import", "users", Write("same.csv", "userId,age", "7,33", "8,34", "9,35"))).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_id_that_is_too_long_is_refused_and_the_others_are_stored()
    {
        string events = Write("events.csv", "userId,itemId,type,timestamp", $"{new string('u', 600)},p,view,2025-01-01", $"u,{new string('p', 511)},view,2025-01-01", ".,p,view,2025-01-01", "u,p,view,2025-01-02");

        (int exitCode, _, string error) = await Cli.RunAsync("import", "interactions", events, "--data", Shop);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("events.csv:2: userId: has 600 bytes of UTF-8; at most 512 are allowed", error, StringComparison.Ordinal);
        Assert.Contains("2 rows of events.csv without an id are stored", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_rows_is_named() =>
        Assert.Contains("empty.csv: has no rows: nothing was written", (await DoneAsync("import", "users", Write("empty.csv", "userId,age"))).Error, StringComparison.Ordinal);

    [Fact]
    public async Task Items_without_titles_are_named_unless_the_catalogue_has_their_titles()
    {
        string untitled = Write("prices.csv", "itemId,price", "1,2", "2,3");

        Assert.Contains("title: 2 of 2 items looked up have no title, such as '1'", (await DoneAsync("import", "items", untitled)).Error, StringComparison.Ordinal);
        await DoneAsync("import", "items", Write("titles.csv", "itemId,title", "1,One", "2,Two"));
        Assert.DoesNotContain("title:", (await DoneAsync("import", "items", untitled)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_import_that_failed_says_which_rows_would_count_twice()
    {
        string withoutIds = Write("events.csv", "userId,itemId,type,timestamp", "a,p1,view,2025-01-01", "b,p1,buyy,2025-01-02");
        string withIds = Write("events-ids.csv", "userId,itemId,type,timestamp,id", "a,p1,view,2025-01-01,1", "b,p1,buyy,2025-01-02,2");

        (int exitCode, _, string error) = await Cli.RunAsync("import", "interactions", withoutIds, "--data", Shop);
        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("1 rows of events.csv without an id are stored, and would count twice if the file were imported again", error, StringComparison.Ordinal);

        (exitCode, _, error) = await Cli.RunAsync("import", "interactions", withIds, "--data", Shop);
        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.DoesNotContain("count twice", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_ids_is_imported_again_only_if_asked_to()
    {
        string events = Write("events.csv", "userId,itemId,type,timestamp", [.. Enumerable.Range(0, 20).Select(n => $"u{n % 12},p{n},view,2025-01-{n + 1:d2}")]);
        string others = Write("others.csv", "userId,itemId,type,timestamp", [.. Enumerable.Range(0, 20).Select(n => $"u{n % 12},p{n},view,2025-02-{n + 1:d2}")]);
        await DoneAsync("import", "interactions", events);

        (int exitCode, _, string error) = await Cli.RunAsync("import", "interactions", events, "--data", Shop);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains(
            "events.csv: 10 of 10 rows looked up are stored already, such as 'view' of item 'p0' by user 'u0'; rows without an id would count twice: import a file of the other rows only, or store all of them with --again; nothing was written",
            error,
            StringComparison.Ordinal);
        Assert.Contains("2 interactions in the profile", (await DoneAsync("recommend", "u0")).Error, StringComparison.Ordinal);

        await DoneAsync("import", "interactions", others);
        await DoneAsync("import", "interactions", events, "--again");
        Assert.Contains("6 interactions in the profile", (await DoneAsync("recommend", "u0")).Error, StringComparison.Ordinal);
    }

    private string Write(string name, string header, params string[] lines)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllLines(path, lines.Prepend(header));
        return path;
    }

    private async Task<(string Out, string Error)> DoneAsync(params string[] command)
    {
        (int exitCode, string output, string error) = await Cli.RunAsync([.. command, "--data", Shop]);
        Assert.True(exitCode == ExitCodes.Done, $"{string.Join(' ', command)}: {output}{error}");
        return (output, error);
    }
}

using System.Text.Json;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>Files in the layouts of public data sets: import, train and recommend give a sensible slate, without a settings file and without options.</summary>
/// <remarks>
/// 200 users and 60 items of two tastes: an even user likes even items, an odd user odd ones. Each user knows 12 items of one taste; a slate of the taste's other
/// items is the right answer.
/// </remarks>
[Trait("Category", "Slow")]
public sealed class KnownLayoutsTests : IDisposable
{
    private const int Users = 200;
    private const int Items = 60;
    private const int ItemsOfUser = 12;

    private static readonly DateTimeOffset Start = new(2025, 3, 1, 8, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-layout-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Retailrocket()
    {
        string events = Write("events.csv", "timestamp,visitorid,event,itemid,transactionid", Acts((user, item, time, nth) =>
            $"{time.ToUnixTimeMilliseconds()},{user},{(nth % 6 == 0 ? "transaction" : nth % 3 == 0 ? "addtocart" : "view")},{1000 + item},{(nth % 6 == 0 ? nth : "")}"));
        string properties = Write("item_properties_part1.csv", "timestamp,itemid,property,value", Enumerable.Range(0, Items).SelectMany(item => (string[])
        [
            $"{Start.ToUnixTimeMilliseconds()},{1000 + item},categoryid,{item % 2}",
            $"{Start.ToUnixTimeMilliseconds()},{1000 + item},790,n{item}.000",
        ]));

        await DoneAsync("import", "interactions", events);
        (int exitCode, string output, string error) = await RunAsync("import", "items", properties);
        Assert.True(exitCode == ExitCodes.Failed, output);
        Assert.Contains("a row contains one property of an item; each item must be one row", error, StringComparison.Ordinal);

        await JudgeAsync("2");
    }

    [Fact]
    public async Task HandM()
    {
        string articles = Write(
            "articles.csv",
            "article_id,product_code,prod_name,product_type_no,product_type_name,product_group_name,department_name,detail_desc",
            Enumerable.Range(0, Items).Select(item => $"0{108775000 + item},0{108775},Title {item},253,{(item % 2 == 0 ? "Vest top" : "Sock")},Garment,Jersey,\"Soft, of cotton\""));
        string transactions = Write("transactions_train.csv", "t_dat,customer_id,article_id,price,sales_channel_id", Acts((user, item, time, _) =>
            $"{time:yyyy-MM-dd},{user:x8}f,0{108775000 + item},0.0{item + 10},{(item % 2) + 1}"));

        await DoneAsync("import", "items", articles);
        await DoneAsync("import", "interactions", transactions);

        await JudgeAsync("00000002f", isTitled: true);
    }

    [Fact]
    public async Task Rees46()
    {
        string events = Write(
            "2025-Mar.csv",
            "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session",
            Acts((user, item, time, nth) =>
                $"{time:yyyy-MM-dd HH:mm:ss} UTC,{(nth % 6 == 0 ? "purchase" : nth % 3 == 0 ? "cart" : "view")},{44600000 + item},21034565790196{item % 2},{(item % 2 == 0 ? "electronics.smartphone" : "")},corvo,{item + 5}.90,{520000000 + user},9333dfbd-b87a-4708-9857-{user:d12}"));

        await DoneAsync("import", "interactions", events);
        await DoneAsync("import", "items", events, "--dry-run");

        await JudgeAsync("520000002");
    }

    [Fact]
    public async Task LastFm()
    {
        string plays = Write(
            "userid-timestamp-artid-artname-traid-traname.tsv",
            "userid\ttimestamp\tartid\tartname\ttraid\ttraname",
            Acts((user, item, time, _) => $"user_{user:d6}\t{time:yyyy-MM-dd'T'HH:mm:ss'Z'}\tart-{item}\t{(item % 3 == 0 ? "\"Weird Al\" Yankovic" : "The 12\" Mix")}\ttra-{item}\tTitle {item}"));

        (string _, string error) = await DoneAsync("import", "interactions", plays);
        Assert.Contains("quotes", error, StringComparison.Ordinal);

        await JudgeAsync("user_000002");
    }

    [Fact]
    public async Task A_shop_with_german_dates_and_semicolons()
    {
        string items = Write(
            "artikel.csv",
            "Artikelnummer;Bezeichnung;Kategorie;Preis;Bestand",
            Enumerable.Range(0, Items).Select(item => $"A-{item:d4};Title {item};{(item % 2 == 0 ? "Küche" : "Garten")};{item + 9},90;5"));
        string orders = Write("bestellungen.csv", "Kundennummer;Artikelnummer;Bestelldatum;Menge", Acts((user, item, time, _) => $"K{user};A-{item:d4};{time:dd.MM.yyyy};1"));

        Assert.Contains("must have a decimal point", (await DoneAsync("import", "items", items)).Error, StringComparison.Ordinal);
        (int exitCode, _, string refused) = await RunAsync("import", "interactions", orders);
        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("--time-format \"dd.MM.yyyy\"", refused, StringComparison.Ordinal);
        await DoneAsync("import", "interactions", orders, "--time-format", "dd.MM.yyyy");

        await JudgeAsync("K2", isTitled: true);
    }

    private static IEnumerable<string> Acts(Func<int, int, DateTimeOffset, int, string> line)
    {
        for (int nth = 0; nth < ItemsOfUser; nth++)
        {
            for (int user = 0; user < Users; user++)
            {
                int item = (2 * (((user / 2 * 7) + (nth * 5) + (nth * nth % 3)) % (Items / 2))) + (user % 2);
                yield return line(user, item, Start.AddDays(nth * 4).AddMinutes(user), nth + 1);
            }
        }
    }

    // The user is even and likes items whose ids end in an even digit.
    private async Task JudgeAsync(string user, bool isTitled = false)
    {
        await DoneAsync("train");
        (string json, string known) = await DoneAsync("recommend", user, "--count", "6", "--json");
        RecommendationsResponse slate = JsonSerializer.Deserialize(json, RecSysJsonContext.Wire.RecommendationsResponse)!;
        Assert.True(slate.ModelVersion is not null, known);
        Assert.Equal(6, slate.Items.Count);
        Assert.True(slate.Items.Count(item => (item.ItemId[^1] - '0') % 2 == 0) >= 5, json);
        Assert.All(slate.Items, item => Assert.Equal(isTitled, item.Title?.StartsWith("Title ", StringComparison.Ordinal) == true));
    }

    private string Write(string name, string header, IEnumerable<string> lines)
    {
        string path = Path.Combine(_folder.FullName, name);
        File.WriteAllLines(path, lines.Prepend(header));
        return path;
    }

    private async Task<(string Out, string Error)> DoneAsync(params string[] command)
    {
        (int exitCode, string output, string error) = await RunAsync(command);
        Assert.True(exitCode == ExitCodes.Done, $"{string.Join(' ', command)}: {output}{error}");
        return (output, error);
    }

    private Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] command) => Cli.RunAsync([.. command, "--data", Path.Combine(_folder.FullName, "shop")]);
}

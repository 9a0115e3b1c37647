using System.Globalization;
using System.Text;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Export;

namespace RecSys.Server.Tests;

/// <summary>An export imported into an empty shop gives the same shop: the same answers, and the same export, byte for byte.</summary>
public sealed class ExportRoundTripTests
{
    private static readonly string[] Types = ["view", "click", "like", "dislike", "addToCart", "purchase", "rating", "hide"];

    private static readonly string[] Odd = ["a/b", "%2F", " ", "🦊", "a.", "\u0001", "\"\\", new string('é', 256)];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task An_exported_and_imported_shop_is_the_same(int seed)
    {
        await using ServerHost before = await ServerHost.StartAsync();
        string[] users = [.. Enumerable.Range(0, 12).Select(index => $"user-{index}"), .. Odd];
        string[] items = [.. Enumerable.Range(0, 12).Select(index => $"item-{index}"), .. Odd];
        await LiveAsync(before, new Random(seed), users, items);
        Dictionary<string, string> exported = await ExportAsync(before);

        await using ServerHost after = await ServerHost.StartAsync();
        await ImportAsync(after, "items", "/v1/items:batch", exported);
        await ImportAsync(after, "users", "/v1/users:batch", exported);
        await ImportAsync(after, "interactions", "/v1/interactions", exported);

        Assert.Equal(exported, await ExportAsync(after));
        foreach (string user in users)
        {
            string path = Uri.EscapeDataString(user);
            Assert.Equal(await TextAsync(before, $"/v1/users/{path}"), await TextAsync(after, $"/v1/users/{path}"));
            Assert.Equal(await HistoryAsync(before, path), await HistoryAsync(after, path));
        }

        ItemPage had = await CatalogueAsync(before);
        ItemPage has = await CatalogueAsync(after);
        Assert.Equal(had.Items.Select(Text), has.Items.Select(Text));
        Assert.Contains("\"deleted\":true", exported["items"], StringComparison.Ordinal);
        Assert.Contains("\"price\":19.90,\"currency\":\"EUR\",\"image\":\"/o.png\",\"url\":\"https://shop.example/o\",\"stock\":0", exported["items"], StringComparison.Ordinal);
        Assert.Contains("mergedFrom", exported["users"], StringComparison.Ordinal);

        // An imported item has the time of the import as its time of change.
        static string Text(ItemResponse item) => JsonSerializer.Serialize(item with { UpdatedAt = null }, RecSysJsonContext.Wire.ItemResponse);
    }

    [Fact]
    public async Task A_merge_chain_that_grew_at_its_end_is_imported()
    {
        await using ServerHost before = await ServerHost.StartAsync();
        for (int index = 20; index > 0; index--)
        {
            using HttpResponseMessage merged = await before.SendAsync(HttpMethod.Post, $"/v1/users/user-{index:00}:merge", $$"""{"from":"user-{{index - 1:00}}"}""");
            Assert.Equal(202, (int)merged.StatusCode);
        }

        Dictionary<string, string> exported = await ExportAsync(before);
        await using ServerHost after = await ServerHost.StartAsync();
        await ImportAsync(after, "users", "/v1/users:batch", exported);

        Assert.Equal(exported["users"], (await ExportAsync(after))["users"]);
    }

    [Fact]
    public async Task Stored_times_outside_the_calendar_are_exported_as_importable_ones()
    {
        await using ServerHost host = await ServerHost.StartAsync();
        (long? From, long? Until)[] stored =
            [(long.MinValue, null), (null, long.MaxValue), (long.MinValue, long.MaxValue), (long.MaxValue - 1, long.MaxValue), (long.MinValue, long.MinValue + 1)];
        await host.Log.AppendAsync(
            [.. stored.Select((times, index) => (LogRecord)new LogRecord.ItemChanged(
                new ItemId($"i{index}"), new ItemContent { AvailableFromMs = times.From, AvailableUntilMs = times.Until }, 1))],
            Cancel);

        Dictionary<string, string> exported = await ExportAsync(host);

        await using ServerHost after = await ServerHost.StartAsync();
        await ImportAsync(after, "items", "/v1/items:batch", exported);
        Assert.Equal(exported["items"], (await ExportAsync(after))["items"]);
        Assert.Equal(stored.Length, exported["items"].Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00+00:01")]
    [InlineData("9999-12-31T23:59:59-00:01")]
    [InlineData("9999-12-31T23:59:60Z")]
    public async Task A_time_outside_the_calendar_of_UTC_is_refused_with_the_limit(string time)
    {
        await using ServerHost host = await ServerHost.StartAsync();
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Put, "/v1/items/i", $$"""{"availableUntil":"{{time}}"}""");

        await ServerHost.RequireRefusedAsync(response, "availableUntil", "years 1 to 9999");
    }

    /// <summary>Random writes of every kind, in any order.</summary>
    private static async Task LiveAsync(ServerHost host, Random random, string[] users, string[] items)
    {
        string[] dates = ["0001-01-01T00:00:00Z", "2026-01-01T00:00:00.5+01:00", "9999-12-31T23:59:59.999Z"];
        await WriteAsync(HttpMethod.Post, "/v1/users/user-0:merge", """{"from":"user-1"}""");
        await WriteAsync(HttpMethod.Delete, "/v1/items/item-0", null);
        await WriteAsync(HttpMethod.Put, "/v1/items/offer", """{"price":19.90,"currency":"EUR","image":"/o.png","url":"https://shop.example/o","stock":0}""");
        for (int step = 0; step < 250; step++)
        {
            string user = users[random.Next(2, users.Length)];
            string item = items[random.Next(1, items.Length)];
            string userPath = Uri.EscapeDataString(user);
            string itemPath = Uri.EscapeDataString(item);
            switch (random.Next(20))
            {
                case 0:
                    await WriteAsync(HttpMethod.Put, $"/v1/users/{userPath}", $$"""{"labels":{"n":{{random.Next(9)}},"t":["a","ü"],"x\u0000":1.50},"consent":{{Bool()}}}""");
                    break;
                case 1:
                    await WriteAsync(HttpMethod.Patch, $"/v1/users/{userPath}", """{"labels":{"n":null,"city":"\"Porto\" 🦊"}}""");
                    break;
                case 2:
                    await WriteAsync(HttpMethod.Patch, $"/v1/users/{userPath}", $$"""{"consent":{{Bool()}}}""");
                    break;
                case 3:
                    string from = users[random.Next(2, users.Length)];
                    if (from != user)
                    {
                        await WriteAsync(HttpMethod.Post, $"/v1/users/{userPath}:merge", $$"""{"from":{{JsonSerializer.Serialize(from)}} }""");
                    }

                    break;
                case 4:
                    await WriteAsync(HttpMethod.Delete, $"/v1/users/{userPath}/interactions/e{random.Next(20)}", null);
                    break;
                case 5 when random.Next(3) == 0:
                    await EraseAsync(host, user);
                    break;
                case 6:
                    await WriteAsync(
                        HttpMethod.Put,
                        $"/v1/items/{itemPath}",
                        $$"""{"title":"T\u0001","categories":["a","b|c"],"text":"long","labels":{"price":6.10},"availableFrom":"{{dates[random.Next(2)]}}","availableUntil":"{{dates[2]}}"{{Offer()}}}""");
                    break;
                case 7 when random.Next(2) == 0:
                    await WriteAsync(HttpMethod.Put, $"/v1/items/{itemPath}", $$"""{"title":"Offer"{{Offer()}}}""");
                    break;
                case 7 when random.Next(2) == 0:
                    await WriteAsync(HttpMethod.Patch, $"/v1/items/{itemPath}", $$"""{"text":null{{Offer()}}}""", isMissingAllowed: true);
                    break;
                case 7:
                    await WriteAsync(HttpMethod.Patch, $"/v1/items/{itemPath}", $$"""{"hidden":{{Bool()}}}""", isMissingAllowed: true);
                    break;
                case 8:
                    await WriteAsync(HttpMethod.Delete, $"/v1/items/{itemPath}", null);
                    break;
                default:
                    string id = random.Next(2) == 0 ? $"\"e{random.Next(20)}\"" : "null";
                    string time = ServerHost.Now.AddMinutes(-random.Next(10_000)).ToString("O", CultureInfo.InvariantCulture);
                    await WriteAsync(
                        HttpMethod.Post,
                        "/v1/interactions",
                        $$"""
                        {"userId":{{JsonSerializer.Serialize(user)}},"itemId":{{JsonSerializer.Serialize(item)}},"type":"{{Types[random.Next(Types.Length)]}}","timestamp":"{{time}}",
                         "value":{{random.NextDouble().ToString("R", CultureInfo.InvariantCulture)}},"id":{{id}},"recommendationId":"r\u0001",
                         "context":{"location":"Oslo","device":"tv","time":"2026-01-01T20:15:00+02:00","sessionFeatures":{"a b":0.1} } }
                        """);
                    break;
            }
        }

        string Offer() => string.Concat(
            ((string[])["\"price\":19.90", "\"price\":0.000001", "\"price\":null", "\"currency\":\"JPY\"", "\"currency\":null", "\"image\":\"/a%20b.png\"", "\"image\":\"https://cdn.example/é?x=1\"",
                "\"url\":\"http://shop.example/1\"", "\"stock\":0", "\"stock\":7", "\"stock\":null"])
            .OrderBy(_ => random.Next())
            .DistinctBy(field => field.Split(':')[0])
            .Take(random.Next(6))
            .Select(field => $",{field}"));

        string Bool() => random.Next(2) == 0 ? "true" : "false";

        async Task WriteAsync(HttpMethod method, string target, string? body, bool isMissingAllowed = false)
        {
            using HttpResponseMessage response = await host.SendAsync(method, target, body);
            bool isLimit = (int)response.StatusCode == 409 && target.EndsWith(":merge", StringComparison.Ordinal);
            Assert.True(
                (int)response.StatusCode == 202 || isLimit || (isMissingAllowed && (int)response.StatusCode == 404), $"{method} {target} {body}: {response.StatusCode}");
        }
    }

    /// <summary>Erases a person as the driver of erasures does, which this server lacks.</summary>
    private static async Task EraseAsync(ServerHost host, string user)
    {
        Owner owner = host.Hash.Of(new UserId(user));
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Delete, $"/v1/users/{Uri.EscapeDataString(user)}");
        await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.ErasureResponse, 202);
        List<LogRecord> records = await host.RecordsAsync();
        foreach (LogRecord.PersonErased erased in records.OfType<LogRecord.PersonErased>())
        {
            foreach (UserId target in records.OfType<LogRecord.UsersMerged>().Where(merged => merged.FromOwner == erased.Owner).Select(merged => merged.Target).Distinct())
            {
                await host.Log.AppendAsync([new LogRecord.MergeErased(host.Hash.Of(target), erased.Owner, erased.UpTo, 1)], Cancel);
            }

            await host.Log.EraseAsync(erased.Owner, erased.UpTo, Cancel);
        }

        Assert.Contains(records, record => record is LogRecord.PersonErased erased && erased.Owner == owner);
    }

    private static async Task<Dictionary<string, string>> ExportAsync(ServerHost host)
    {
        FoldedCatalogue catalogue = new(host.Log);
        await catalogue.WaitUntilAsync(LogPosition.Start, Cancel);
        Exporter exporter = new(host.Log, new LogRecordCodec(host.Hash), catalogue, host.Recommender);
        Dictionary<string, string> files = [];
        foreach (string what in (string[])["items", "users", "interactions"])
        {
            using MemoryStream stream = new();
            await exporter.WriteAsync(what, stream, _ => { }, Cancel);
            files[what] = Encoding.UTF8.GetString(stream.ToArray());
        }

        return files;
    }

    private static async Task ImportAsync(ServerHost host, string what, string target, Dictionary<string, string> files)
    {
        string rows = $"[{string.Join(',', files[what].Split('\n', StringSplitOptions.RemoveEmptyEntries))}]";
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Post, target, rows);
        await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);
    }

    private static async Task<ItemPage> CatalogueAsync(ServerHost host)
    {
        LogRange[] ranges = await host.Log.GetRangesAsync(Cancel);
        using HttpResponseMessage caughtUp = await host.SendAsync(HttpMethod.Get, $"/v1/items/i?after={new LogPosition(0, [ranges[0].End - 1])}");
        return await host.GetAsync("/v1/items?count=1000", RecSysJsonContext.Wire.ItemPage);
    }

    private static async Task<string> TextAsync(ServerHost host, string target)
    {
        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, target);
        return response.IsSuccessStatusCode ? await response.Content.ReadAsStringAsync(Cancel) : response.StatusCode.ToString();
    }

    private static async Task<string> HistoryAsync(ServerHost host, string path)
    {
        HistoryResponse history = await host.GetAsync($"/v1/users/{path}/interactions?count=1000", RecSysJsonContext.Wire.HistoryResponse);
        return string.Join('\n', history.Items.Select(entry => entry with { Title = null }));
    }
}

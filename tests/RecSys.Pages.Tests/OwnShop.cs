using System.Globalization;
using System.Text.Json;

namespace RecSys.Pages.Tests;

/// <summary>A small shop of own data: imported files, interaction types of its own, a trained model, served by <c>recsys serve</c>.</summary>
public sealed class OwnShop : Shop
{
    private const int Lamps = 30;

    /// <inheritdoc/>
    protected override Uri? Running => null; // a running one has other data

    /// <inheritdoc/>
    protected override async Task<Uri> StartAsync()
    {
        string data = Path.Combine(Folder, "shop");
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(Path.Combine(data, "appsettings.json"), """
            { "recsys": { "serving": { "confidence": { "offset": -2.5 } }, "interactionTypes": [
              { "name": "product_view", "weight": 1, "comesBack": true }, { "name": "save", "weight": 4, "comesBack": true },
              { "name": "order", "weight": 8, "comesBack": false }, { "name": "stars", "like": "rating", "ratingMax": 10 } ] } }
            """);
        string items = Path.Combine(Folder, "items.jsonl");
        string events = Path.Combine(Folder, "events.jsonl");
        await File.WriteAllLinesAsync(items, Enumerable.Range(0, 2 * Lamps).Select(Item));
        await File.WriteAllLinesAsync(events, Enumerable.Range(0, 600).Select(Event));
        await RunAsync("import", "items", items, "--data", data);
        await RunAsync("import", "interactions", events, "--data", data);
        await RunAsync("train", "--data", data);
        return await ServeAsync("serve", "--data", data);
    }

    /// <summary>Lamps and chairs; the first lamp is out of stock, the second has a picture, the third one that is no picture.</summary>
    private static string Item(int at)
    {
        bool isLamp = at < Lamps;
        Dictionary<string, object> item = new()
        {
            ["itemId"] = $"sku-{at:00}",
            ["title"] = isLamp ? $"Lamp {at}" : $"Chair {at}",
            ["categories"] = (string[])[isLamp ? "Lamps" : "Chairs"],
            ["price"] = 19.90m + at,
            ["currency"] = "EUR",
            ["stock"] = at == 0 ? 0 : at,
            ["url"] = $"https://shop.example/{at}",
        };
        if (at is 1 or 2)
        {
            item["image"] = at == 1 ? "/favicon.svg" : "/js/app.js";
        }

        return JsonSerializer.Serialize(item);
    }

    /// <summary>Customers with even numbers look at lamps, others at chairs.</summary>
    private static string Event(int at)
    {
        int customer = at % 20;
        int item = (customer % 2 == 0 ? 0 : Lamps) + (at * 7 % 23);
        string time = DateTimeOffset.UnixEpoch.AddDays(20_000).AddMinutes(at).ToString("O", CultureInfo.InvariantCulture);
        return $$"""{"userId":"customer-{{customer}}","itemId":"sku-{{item:00}}","type":"{{(at % 5 == 0 ? "save" : "product_view")}}","timestamp":"{{time}}"}""";
    }
}

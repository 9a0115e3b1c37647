using System.Globalization;
using System.Text.Json;
using RecSys.Cli.Hosting;
using RecSys.Cli.Tests.Processes;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>An import of what <c>recsys export</c> writes into an empty folder gives the same shop: the same answers and the same export.</summary>
[Trait("Category", "Slow")]
public sealed class ExportImportTests : IDisposable
{
    private const int Crowd = 8;

    private static readonly string[] Kinds = ["items", "users", "interactions"];
    private static readonly string[] Windows = ["hour", "day", "week", "allTime"];
    private static readonly string[] Users = ["ada", "guest", "older", "bob", "bob's twin", "cyd", "dan/€ 🦊", "eve", "fay"];
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-trip-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task A_shop_exported_and_imported_by_the_command_line_is_the_same()
    {
        Dictionary<string, string> exported;
        List<string> answers;
        List<string> lists;
        using (DataFolder data = LockFolder("before"))
        {
            await using RecSysHost host = await RecSysHost.StartAsync(new HostArguments(data) { Urls = "http://127.0.0.1:0" }, Cancel);
            using RecSysClient client = new(new RecSysClientOptions { BaseAddress = host.Url });
            string end = await LiveAsync(client);
            answers = await AnswersAsync(client, end);
            await ShopFolder.RunAsync(client, "rebuild", ("what", "trends")); // live trends keep the weight of an erased person until it fades
            lists = await UntilAsync(client, found => found.TrueForAll(list => list.Split(' ').Length == Crowd));
            exported = await ExportAsync(host, "before");
        }

        using DataFolder empty = LockFolder("after");
        await using RecSysHost next = await RecSysHost.StartAsync(new HostArguments(empty) { Urls = "http://127.0.0.1:0" }, Cancel);
        foreach (string kind in Kinds)
        {
            (int exitCode, string output, string error) = await Cli.RunAsync("import", kind, FileOf("before", kind), "--strict", "--server", next.Url.AbsoluteUri);
            Assert.True(exitCode == ExitCodes.Done, $"{kind}: {output}{error}");
        }

        using RecSysClient there = new(new RecSysClientOptions { BaseAddress = next.Url });
        AcceptedResponse last = await there.RetractAsync("nobody-at-all", "none", Cancel); // a write that changes nothing: its position is the end
        Assert.Equal(answers, await AnswersAsync(there, last.Position));
        Assert.Equal(lists, await UntilAsync(there, found => found.SequenceEqual(lists)));
        Assert.Equal(exported, await ExportAsync(next, "after"));
    }

    /// <summary>Writes records of every kind, with every field that an export could lose.</summary>
    /// <returns>The position of the last one.</returns>
    private static async Task<string> LiveAsync(RecSysClient client)
    {
        await client.PutItemsAsync(
            [
                .. Enumerable.Range(0, Crowd + 2).Select(index => new ItemRow { ItemId = Item(index), Title = $"Title \"{index}\" é", Categories = ["a|b", "c"] }),
                new ItemRow { ItemId = "always", AvailableFrom = DateTimeOffset.MinValue, AvailableUntil = Utc("9999-12-31T23:59:59.999Z") },
                new ItemRow { ItemId = "labelled", Labels = new() { ["price"] = JsonElement.Parse("6.10"), ["of"] = JsonElement.Parse("[\"x\",\"y\"]") } },
            ],
            Cancel);
        await client.PatchItemAsync(Item(Crowd), new ItemBody { Hidden = true }, Cancel);
        await client.DeleteItemAsync(Item(Crowd + 1), Cancel);

        // Item k is clicked by 10 k + 3 users, so that retracted clicks, which an export lacks, do not change the order of a list.
        DateTimeOffset now = TimeProvider.System.GetUtcNow().AddMinutes(-1);
        await client.RecordAsync(
            [
                .. from item in Enumerable.Range(0, Crowd + 2)
                   from user in Enumerable.Range(0, (10 * item) + 3)
                   select Event($"crowd-{user}", Item(item), "click", now),
                .. Users.Select((user, index) => Event(user, Item(index % Crowd), "purchase", now.AddSeconds(-index)) with { Id = $"own-{index}" }),
                Event("fay", Item(1), "rating", now) with { Value = 4.5, Context = new ContextBody { Device = "tv", Location = "Oslo", Time = now } },
                Event("fay", Item(2), "view", now) with { Id = "taken-back" },
                Event("fay", Item(3), "view", now) with { Id = "sent-again" },
            ],
            Cancel);
        await client.RetractAsync("fay", "taken-back", Cancel);
        await client.RetractAsync("fay", "sent-again", Cancel);
        await client.RecordAsync(Event("fay", Item(4), "like", now) with { Id = "sent-again" }, Cancel);

        await client.PutUserAsync("cyd", new UserBody { Consent = false, Labels = new() { ["n"] = JsonElement.Parse("1.50"), ["city"] = JsonElement.Parse("\"Porto 🦊\"") } }, Cancel);
        await client.PutUserAsync("dan/€ 🦊", new UserBody { Consent = true }, Cancel);
        await client.PatchUserAsync("dan/€ 🦊", new UserBody { Labels = new() { ["a"] = JsonElement.Parse("true") } }, Cancel);

        await client.MergeUsersAsync("guest", "older", Cancel);
        await client.MergeUsersAsync("ada", "guest", Cancel);
        await client.MergeUsersAsync("bob", "bob's twin", Cancel);
        await client.MergeUsersAsync("bob's twin", "bob", Cancel);
        await client.MergeUsersAsync("fay", "eve", Cancel);
        ErasureResponse erased = await client.EraseUserAsync("eve", Cancel);
        await ShopFolder.UntilDoneAsync(client, erased.Receipt);
        return (await client.RecordAsync(Event("eve", Item(5), "view", now), Cancel)).Position; // a new person
    }

    private static InteractionBody Event(string user, string item, string type, DateTimeOffset time) =>
        new() { UserId = user, ItemId = item, Type = type, Timestamp = time };

    private static string Item(int index) => string.Create(CultureInfo.InvariantCulture, $"item/{index} ü");

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture);

    private static async Task<List<string>> AnswersAsync(RecSysClient client, string after)
    {
        List<string> answers = [];
        foreach (string user in Users)
        {
            HistoryResponse history = await client.GetHistoryAsync(user, count: 100, after: after, cancellationToken: Cancel);
            answers.Add(string.Join('\n', history.Items));
            answers.Add(JsonSerializer.Serialize(await client.GetUserAsync(user, Cancel), RecSysJsonContext.Wire.UserResponse!));
        }

        ItemPage page = await client.GetItemsAsync(cancellationToken: Cancel);
        answers.AddRange(page.Items.Select(item => JsonSerializer.Serialize(item with { UpdatedAt = null }, RecSysJsonContext.Wire.ItemResponse)));
        return answers;
    }

    /// <summary>Returns the trending and popular items once they are as expected, or as they are when the time is over.</summary>
    private static async Task<List<string>> UntilAsync(RecSysClient client, Predicate<List<string>> isWanted)
    {
        long started = TimeProvider.System.GetTimestamp();
        List<string> lists = [];
        do
        {
            lists.Clear();
            foreach (string window in Windows)
            {
                lists.Add(Ids(await client.GetTrendingAsync(count: 100, window: window, cancellationToken: Cancel)));
            }

            lists.Add(Ids(await client.GetPopularAsync(count: 100, cancellationToken: Cancel)));
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, Cancel);
        }
        while (!isWanted(lists) && TimeProvider.System.GetElapsedTime(started) < TimeLimit);
        return lists;

        static string Ids(ItemsResponse response) => string.Join(' ', response.Items.Select(item => item.ItemId.Split(' ')[0]));
    }

    private DataFolder LockFolder(string name) => DataFolder.TryLock(Path.Combine(_folder.FullName, name))!;

    private string FileOf(string shop, string kind) => Path.Combine(_folder.FullName, $"{shop}-{kind}.jsonl");

    private async Task<Dictionary<string, string>> ExportAsync(RecSysHost host, string shop)
    {
        Dictionary<string, string> files = [];
        foreach (string kind in Kinds)
        {
            (int exitCode, _, string error) = await Cli.RunAsync("export", kind, FileOf(shop, kind), "--server", host.Url.AbsoluteUri);
            Assert.True(exitCode == ExitCodes.Done, error);
            files[kind] = await File.ReadAllTextAsync(FileOf(shop, kind), Cancel);
        }

        return files;
    }
}

using System.Diagnostics;
using RecSys.Cli.Bench;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program erases a user who was merged into another: the id is in no file, and the other user keeps their own data.</summary>
[Trait("Category", "Slow")]
public sealed class ErasedMergeTests : IDisposable
{
    private const int ClicksOfEach = 5;
    private const string Ada = "ada";
    private const string Guest = "guest-before-log-in-7781";
    private const string Older = "guest-of-last-year-3302";

    private readonly ShopFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Erasing_a_merged_user_leaves_no_bytes_and_the_target_keeps_its_history(bool isRestarted)
    {
        await using (ServerProcess server = await _folder.StartAsync())
        {
            using RecSysClient client = ShopFolder.Client(server);
            await MergeChainAsync(client, Ada, Guest);
            Assert.NotEmpty(_folder.Found(Guest)); // the search finds what is there
            if (!isRestarted)
            {
                await EraseAsync(client, Guest);
                Assert.Empty(_folder.Found(Guest));
            }
        }

        await using (ServerProcess again = await _folder.StartAsync())
        {
            using RecSysClient client = ShopFolder.Client(again);
            if (isRestarted)
            {
                await EraseAsync(client, Guest);
            }

            Assert.Empty(_folder.Found(Guest));
            Assert.Equal(5, await HistoryCountAsync(client, Ada));
            Assert.Equal(0, await HistoryCountAsync(client, Guest));
            await LiveIsWhatARebuildGivesAsync(client, Ada);
            await KeepEverywhereAsync(client);
        }

        Assert.Empty(_folder.Found(Guest));
    }

    [Fact]
    public async Task Erasing_the_end_of_a_merge_chain_leaves_no_bytes_and_the_others_keep_their_history()
    {
        await using ServerProcess server = await _folder.StartAsync();
        using RecSysClient client = ShopFolder.Client(server);
        await MergeChainAsync(client, Ada, Guest, Older);

        await EraseAsync(client, Older);
        Assert.Empty(_folder.Found(Older));
        Assert.Equal(10, await HistoryCountAsync(client, Ada));
        Assert.Equal(5, await HistoryCountAsync(client, Guest));
        await LiveIsWhatARebuildGivesAsync(client, Ada, Guest);
        await KeepEverywhereAsync(client);
        Assert.Empty(_folder.Found(Older));
    }

    [Fact]
    public async Task Erasing_the_middle_of_a_merge_chain_also_erases_the_users_merged_into_it()
    {
        await using ServerProcess server = await _folder.StartAsync();
        using RecSysClient client = ShopFolder.Client(server);
        await MergeChainAsync(client, Ada, Guest, Older);

        await EraseAsync(client, Guest);
        Assert.Empty(_folder.Found(Guest, Older));
        Assert.Equal(5, await HistoryCountAsync(client, Ada));
        await LiveIsWhatARebuildGivesAsync(client, Ada);
        await KeepEverywhereAsync(client);
        Assert.Empty(_folder.Found(Guest, Older));
    }

    [Fact]
    public async Task Erasing_a_merged_user_before_the_target_was_saved_leaves_no_bytes()
    {
        await using (ServerProcess server = await _folder.StartAsync())
        {
            using RecSysClient client = ShopFolder.Client(server);
            await client.RecordAsync([.. Clicks(Ada, 0), .. Clicks(Guest, 5)], Cancel);
            await client.MergeUsersAsync(Ada, Guest, Cancel);
            await EraseAsync(client, Guest);
            Assert.Empty(_folder.Found(Guest));
            Assert.Equal(5, await HistoryCountAsync(client, Ada));
            await ShopFolder.SavedAsync();
            await LiveIsWhatARebuildGivesAsync(client, Ada);
        }

        Assert.Empty(_folder.Found(Guest));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task After_merges_erasures_saves_kills_and_restarts_in_any_order_live_profiles_equal_a_rebuild(int seed)
    {
        const int Steps = 40;
        const int RestartsMax = 2;
        string[] users = ["visitor-0-of-shop", "visitor-1-of-shop", "visitor-2-of-shop", "visitor-3-of-shop", "visitor-4-of-shop"];
        HashSet<string> erased = new(StringComparer.Ordinal); // and not named since
        List<string> receipts = [];
        Random random = new(seed);
        int restarts = 0;
        ServerProcess server = await _folder.StartAsync();
        RecSysClient client = ShopFolder.Client(server);
        try
        {
            for (int step = 0; step < Steps; step++)
            {
                string user = users[random.Next(users.Length)];
                string other = users[random.Next(users.Length)];
                switch (random.Next(10))
                {
                    case < 4 when user != other:
                        await client.MergeUsersAsync(user, other, Cancel);
                        erased.ExceptWith([user, other]);
                        break;
                    case < 6:
                        await client.RecordAsync(ShopFolder.Click(user, step), Cancel);
                        erased.Remove(user);
                        break;
                    case < 8:
                        receipts.Add((await client.EraseUserAsync(user, Cancel)).Receipt);
                        erased.Add(user);
                        break;
                    case 8:
                        await Task.Delay(TimeSpan.FromMilliseconds(random.Next(400)), TimeProvider.System, Cancel); // some states are saved
                        break;
                    default:
                        if (restarts++ < RestartsMax)
                        {
                            client.Dispose();
                            if (restarts == 1)
                            {
                                using Process process = Process.GetProcessById(server.ProcessId);
                                process.Kill();
                                await process.WaitForExitAsync(Cancel);
                            }

                            await server.DisposeAsync();
                            server = await _folder.StartAsync();
                            client = ShopFolder.Client(server);
                        }

                        break;
                }
            }

            receipts.Add((await client.EraseUserAsync(users[0], Cancel)).Receipt);
            erased.Add(users[0]);
            foreach (string receipt in receipts)
            {
                await ShopFolder.UntilDoneAsync(client, receipt);
            }

            Assert.Empty(_folder.Found(erased));
            await LiveIsWhatARebuildGivesAsync(client, users);
            Assert.Empty(_folder.Found(erased));
        }
        finally
        {
            client.Dispose();
            await server.DisposeAsync();
        }
    }

    /// <summary>Records five clicks of each user, shows each a slate, merges each into the one before, and waits until all files contain them.</summary>
    private static async Task MergeChainAsync(RecSysClient client, params string[] users)
    {
        await client.RecordAsync([.. ShopFolder.Crowd(), .. users.SelectMany((user, index) => Clicks(user, ClicksOfEach * index))], Cancel);
        string? position = null;
        for (int index = users.Length - 1; index > 0; index--)
        {
            await client.GetRecommendationsAsync(users[index], cancellationToken: Cancel);
            position = (await client.MergeUsersAsync(users[index - 1], users[index], Cancel)).Position;
        }

        Assert.Equal(ClicksOfEach * users.Length, await HistoryCountAsync(client, users[0], position));
        await KeepEverywhereAsync(client);
    }

    private static IEnumerable<InteractionBody> Clicks(string user, int first) => Enumerable.Range(first, ClicksOfEach).Select(item => ShopFolder.Click(user, item));

    /// <summary>Waits for saved states and folds, shows slates, trains a model and writes every export.</summary>
    private static async Task KeepEverywhereAsync(RecSysClient client)
    {
        await client.GetRecommendationsAsync(Ada, cancellationToken: Cancel);
        await ShopFolder.RunAsync(client, "train");
        foreach (string what in (string[])["items", "users", "interactions"])
        {
            await ShopFolder.RunAsync(client, "export", ("what", what));
        }

        await ShopFolder.SavedAsync();
    }

    private static async Task EraseAsync(RecSysClient client, string user)
    {
        ErasureResponse erased = await client.EraseUserAsync(user, Cancel);
        await ShopFolder.UntilDoneAsync(client, erased.Receipt);
    }

    private static async Task<int> HistoryCountAsync(RecSysClient client, string user, string? after = null) =>
        (await client.GetHistoryAsync(user, count: 100, after: after, cancellationToken: Cancel)).Items.Count;

    private static async Task LiveIsWhatARebuildGivesAsync(RecSysClient client, params string[] users)
    {
        List<string> live = await AnswersAsync(client, users);
        await ShopFolder.RunAsync(client, "rebuild", ("what", "users"));
        Assert.Equal(live, await AnswersAsync(client, users));
    }

    /// <summary>Returns all data of the users; the export reads the profiles as of the end of the log.</summary>
    private static async Task<List<string>> AnswersAsync(RecSysClient client, string[] users)
    {
        List<string> answers = [];
        foreach (string user in users)
        {
            using StreamReader lines = new(await client.ExportUserAsync(user, Cancel));
            answers.Add(await lines.ReadToEndAsync(Cancel));
            HistoryResponse history = await client.GetHistoryAsync(user, count: 100, cancellationToken: Cancel);
            answers.Add(string.Join('\n', history.Items));
        }

        return answers;
    }
}

using System.Globalization;
using System.Text;
using RecSys.Client;
using RecSys.Eng.Servers;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The same requests to one node over SQLite and to three nodes over Kafka and PostgreSQL give the same slates.</summary>
[Trait("Category", "Slow")]
public sealed class SlateParityTests
{
    private const int SlateItems = 20;
    private const int BatchRows = 1_000;
    private const int Nodes = 3;

    /// <summary>Rounds in which users whose slates differ are asked again: the folds of a node may be a moment behind, and a slate may straddle an hour, which is part of the seed of exploration.</summary>
    private const int RoundsMax = 20;

    /// <summary>The ages of interactions and items differ by the time between two requests; the least half-life that a feature has is 30 minutes.</summary>
    private const double FeatureTolerance = 2e-3;

    private static readonly string[] PartsOfTrends = ["trend", "coVisit", "boughtNext"];

    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["recsys:serving:seed"] = "7",
        ["recsys:serving:deadline"] = "00:00:10",
        ["recsys:batch:interval"] = "00:00:00", // models are trained when the test asks for it
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-parity-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task Three_nodes_over_one_partition_give_the_slates_of_one_node_of_a_small_shop() => RequireSameSlatesAsync(Shop.Small());

    [Fact]
    public Task Three_nodes_over_one_partition_give_the_slates_of_one_node_of_MovieLens() => RequireSameSlatesAsync(Shop.MovieLens());

    [Fact]
    public Task Over_eight_partitions_only_trends_and_co_visits_differ_in_a_small_shop() => RequireSameFeaturesAsync(Shop.Small());

    [Fact]
    public Task Over_eight_partitions_only_trends_and_co_visits_differ_in_MovieLens() => RequireSameFeaturesAsync(Shop.MovieLens());

    private Task RequireSameSlatesAsync(Shop shop) => WithBothAsync(shop, partitions: 1, async (alone, nodes) =>
    {
        await RequireAsync(shop, async user =>
        {
            RecommendationsResponse expected = await SlateAsync(alone, user);
            RecommendationsResponse actual = await SlateAsync(NodeOf(nodes, user), user);
            return DifferenceOf(expected, actual);
        });
        await RequireAsync(shop, async user =>
        {
            string item = shop.Items[NumberOf(user) % shop.Items.Count].ItemId;
            ItemsResponse expected = await alone.GetSimilarAsync(item, cancellationToken: Cancel);
            ItemsResponse actual = await NodeOf(nodes, user).GetSimilarAsync(item, cancellationToken: Cancel);
            return expected.Items.Select(one => one.ItemId).SequenceEqual(actual.Items.Select(one => one.ItemId)) ? null : $"items similar to {item}";
        });
    });

    private Task RequireSameFeaturesAsync(Shop shop) => WithBothAsync(shop, partitions: 8, async (alone, nodes) =>
    {
        int shown = 0;
        int shared = 0;
        await RequireAsync(shop, async user =>
        {
            RecommendationsResponse expected = await SlateAsync(alone, user);
            RecommendationsResponse actual = await SlateAsync(NodeOf(nodes, user), user);
            string[] both = [.. expected.Items.Concat(actual.Items).Select(item => item.ItemId).Distinct()];
            shown += SlateItems;
            shared += expected.Items.Select(item => item.ItemId).Intersect(actual.Items.Select(item => item.ItemId)).Count();
            return DifferenceOf(await RankAsync(alone, user, both), await RankAsync(NodeOf(nodes, user), user, both), PartsOfTrends);
        });
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{(double)shared / shown:P1} of the items of slates are the same"));
    });

    private async Task WithBothAsync(Shop shop, int partitions, Func<RecSysClient, RecSysClient[], Task> compare)
    {
        await using ClusterServers cluster = await ClusterServers.StartAsync(Nodes, partitions);
        List<ServerUnderTest> servers = [];
        List<RecSysClient> clients = [];
        try
        {
            servers.Add(await ServerUnderTest.LaunchAsync(_folder.FullName, Settings, ClusterServers.StartMax, Cancel));
            Assert.True(servers[0].Url is not null, string.Join('\n', servers[0].Log));
            for (int node = 0; node < Nodes; node++)
            {
                servers.Add(await cluster.StartNodeAsync(node, Settings));
            }

            clients.AddRange(servers.Select(server => new RecSysClient(new RecSysClientOptions { BaseAddress = server.Url!, Timeout = TimeSpan.FromSeconds(60) })));
            RecSysClient[] nodes = [.. clients[1..]];
            await ClusterServers.UntilMembersAsync(nodes[0], Nodes);
            await Task.WhenAll(FillAsync(clients[0], [clients[0]], shop), FillAsync(nodes[0], nodes, shop));
            await compare(clients[0], nodes);
        }
        finally
        {
            clients.ForEach(client => client.Dispose());
            foreach (ServerUnderTest server in servers)
            {
                await server.DisposeAsync();
            }

            _folder.Delete(recursive: true);
        }
    }

    /// <summary>Records the shop, trains a model on most of its interactions, and waits until all nodes serve it and have applied the rest.</summary>
    private static async Task FillAsync(RecSysClient client, RecSysClient[] nodes, Shop shop)
    {
        await client.PutItemsAsync(shop.Items, Cancel);
        int trained = shop.Interactions.Count * 9 / 10;
        await RecordAsync(shop.Interactions[..trained]);
        JobResponse job = await client.WaitForJobAsync((await client.StartJobAsync(new JobRequest { Kind = "train" }, Cancel)).Id, cancellationToken: Cancel);
        Assert.True(job.State == JobStates.Succeeded, job.Message);
        string position = await RecordAsync(shop.Interactions[trained..]);
        foreach (RecSysClient node in nodes)
        {
            await Eventually.TrueAsync(
                async () => (await node.GetRecommendationsAsync(shop.Users[0], after: position, cancellationToken: Cancel)) is { ServedBy: "full", Reflected: true, ModelVersion: not null },
                "each node serves the model",
                ClusterServers.TakeoverMax);
        }

        async Task<string> RecordAsync(List<InteractionBody> interactions)
        {
            string? last = null;
            foreach (InteractionBody[] batch in interactions.Chunk(BatchRows))
            {
                last = (await client.RecordAsync(batch, Cancel)).Position;
            }

            return last!;
        }
    }

    /// <summary>Compares each user; asks again for users whose answers differ, and fails if they still differ in the last round.</summary>
    private static async Task RequireAsync(Shop shop, Func<string, Task<string?>> compare)
    {
        List<(string User, string Difference)> differing = [.. shop.Users.Select(user => (user, ""))];
        for (int round = 0; round < RoundsMax && differing.Count > 0; round++)
        {
            List<(string User, string Difference)> left = [];
            foreach ((string user, _) in differing)
            {
                if (await compare(user) is { } difference)
                {
                    left.Add((user, difference));
                }
            }

            differing = left;
            if (differing.Count > 0)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(500), TimeProvider.System, Cancel);
            }
        }

        Assert.True(differing.Count == 0, $"{differing.Count} of {shop.Users.Count} differ:\n{string.Join('\n', differing.Take(20).Select(one => $"{one.User}: {one.Difference}"))}");
    }

    private static RecSysClient NodeOf(RecSysClient[] nodes, string user) => nodes[NumberOf(user) % nodes.Length];

    private static int NumberOf(string user) => user.Aggregate(0, (number, character) => ((number * 31) + character) & 0xFFFF);

    private static Task<RecommendationsResponse> SlateAsync(RecSysClient client, string user) =>
        client.GetRecommendationsAsync(user, SlateItems, cancellationToken: Cancel);

    private static Task<RecommendationsResponse> RankAsync(RecSysClient client, string user, string[] candidates) =>
        client.RecommendAsync(new RecommendationRequest { UserId = user, Candidates = candidates }, Cancel);

    /// <summary>Returns in what two slates differ; null if they are the same.</summary>
    private static string? DifferenceOf(RecommendationsResponse expected, RecommendationsResponse actual)
    {
        if (expected.ServedBy != "full" || actual.ServedBy != "full")
        {
            return $"served by {expected.ServedBy} and {actual.ServedBy}: {string.Join(", ", (expected.DegradedReasons ?? []).Concat(actual.DegradedReasons ?? []))}";
        }

        for (int place = 0; place < Math.Max(expected.Items.Count, actual.Items.Count); place++)
        {
            RecommendedItem? one = expected.Items.ElementAtOrDefault(place);
            RecommendedItem? other = actual.Items.ElementAtOrDefault(place);
            if (one?.ItemId != other?.ItemId)
            {
                return $"place {place} has {TextOf(one)} and {TextOf(other)}";
            }
        }

        return DifferenceOf(expected, actual, []) ?? (expected.Items.Zip(actual.Items).Any(pair => pair.First.Explanation != pair.Second.Explanation) ? "reasons" : null);
    }

    /// <summary>Returns in which feature of the same items two answers differ; null if in none.</summary>
    private static string? DifferenceOf(RecommendationsResponse expected, RecommendationsResponse actual, string[] except)
    {
        Dictionary<string, RecommendedItem> others = actual.Items.ToDictionary(item => item.ItemId, StringComparer.Ordinal);
        foreach (RecommendedItem item in expected.Items)
        {
            if (!others.TryGetValue(item.ItemId, out RecommendedItem? other))
            {
                return $"{item.ItemId} is in one answer only";
            }

            foreach ((string name, double value) in item.Features.Where(feature => !except.Contains(feature.Key)))
            {
                if (Math.Abs(value - other.Features[name]) > FeatureTolerance)
                {
                    return $"{name} of {TextOf(item)} and {TextOf(other)}";
                }
            }
        }

        return null;
    }

    private static string TextOf(RecommendedItem? item) => item is null
        ? "nothing"
        : string.Create(CultureInfo.InvariantCulture, $"{item.ItemId} {item.Score:R} ({string.Join(' ', item.Features.Select(feature => $"{feature.Key} {feature.Value:G6}"))})");

    /// <summary>Items and interactions, and the users that are asked.</summary>
    private sealed record Shop(List<ItemRow> Items, List<InteractionBody> Interactions, List<string> Users)
    {
        /// <summary>A made-up shop: five tastes of twenty items each, and users that act on their taste, with some chance.</summary>
        public static Shop Small()
        {
            const int Tastes = 5;
            const int ItemsOfATaste = 20;
            const int People = 60;
            DateTimeOffset start = TimeProvider.System.GetUtcNow().AddDays(-20);
            List<ItemRow> items =
            [
                .. Enumerable.Range(0, Tastes * ItemsOfATaste).Select(item => new ItemRow { ItemId = ItemOf(item), Title = ItemOf(item), Categories = [$"taste-{item % Tastes}"] }),
            ];
            uint chance = 1;
            List<InteractionBody> interactions =
            [
                .. from round in Enumerable.Range(0, 30)
                   from user in Enumerable.Range(0, People)
                   select new InteractionBody
                   {
                       UserId = UserOf(user),
                       ItemId = ItemOf((Tastes * (int)(Next() % ItemsOfATaste)) + (Next() % 5 == 0 ? (int)(Next() % Tastes) : user % Tastes)),
                       Type = (Next() % 3) switch { 0 => "view", 1 => "click", _ => "like" },
                       Timestamp = start.AddHours(round * 15).AddMinutes(user),
                   },
            ];
            return new(items, interactions, [.. Enumerable.Range(0, People).Select(UserOf), "a new user"]);

            uint Next() => (chance = (chance * 1_664_525) + 1_013_904_223) >> 8;

            static string ItemOf(int item) => string.Create(CultureInfo.InvariantCulture, $"item-{item}");

            static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");
        }

        /// <summary>MovieLens 100K in the order of its times, moved so that the newest rating was yesterday; 300 of its users are asked.</summary>
        public static Shop MovieLens()
        {
            const int Asked = 300;
            string folder = DataSets.Require("ml-100k");
            string[] genres = [.. File.ReadLines(Path.Combine(folder, "u.genre")).Where(line => line.Length > 0).Select(line => line.Split('|')[0])];
            List<ItemRow> items =
            [
                .. File.ReadLines(Path.Combine(folder, "u.item"), Encoding.Latin1).Select(line => line.Split('|')).Select(film => new ItemRow
                {
                    ItemId = film[0],
                    Title = film[1],
                    Categories = [.. genres.Where((_, genre) => film[5 + genre] == "1")],
                }),
            ];
            (string User, string Item, int Stars, long Time)[] ratings =
            [
                .. File.ReadLines(Path.Combine(folder, "u.data")).Select(line => line.Split('\t'))
                    .Select(row => (row[0], row[1], int.Parse(row[2], CultureInfo.InvariantCulture), long.Parse(row[3], CultureInfo.InvariantCulture)))
                    .OrderBy(row => row.Item4),
            ];
            DateTimeOffset yesterday = TimeProvider.System.GetUtcNow().AddDays(-1);
            return new(
                items,
                [
                    .. ratings.Select(rating => new InteractionBody
                    {
                        UserId = rating.User, ItemId = rating.Item, Type = "rating", Value = rating.Stars, Timestamp = yesterday.AddSeconds(rating.Time - ratings[^1].Time),
                    }),
                ],
                [.. Enumerable.Range(1, Asked).Select(user => user.ToString(CultureInfo.InvariantCulture))]);
        }
    }
}

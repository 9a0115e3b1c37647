using System.Buffers;
using System.Collections.Immutable;
using Microsoft.Extensions.Time.Testing;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Core.Users;
using RecSys.TestKit;
using RecSys.TestKit.Models;

namespace RecSys.Serving.Tests;

/// <summary>
/// A shop with two planted clusters: books a00, a01, … and games b00, b01, … A user who likes an item of a cluster likes its other items too; items with
/// low numbers are the most popular.
/// </summary>
internal sealed class World : IDisposable
{
    public const int PerCluster = 20;
    public const string Books = "Books";
    public const string Games = "Games";

    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    private readonly LogRecordCodec _codec = new(Hash);
    private readonly Dictionary<string, long> _offsets = new(StringComparer.Ordinal);
    private readonly ServingMetrics _metrics = new();
    private long _catalogueOffset;
    private long _userOffset;

    public World()
    {
        Time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 24, 12, 0, 0, TimeSpan.Zero));
        Trends = new FakeTrends(Time) { CategoryOf = item => CategoryOf(item.Value) };
        Catalogue = new FakeCatalogue(Fold);
        Options = new ServingOptions { Seed = 7 };
    }

    public FakeTimeProvider Time { get; }

    public CatalogueFold Fold { get; } = new();

    public FakeCatalogue Catalogue { get; }

    public FakeProfiles Profiles { get; } = new();

    public FakeTrends Trends { get; }

    public FakeModels Models { get; } = new();

    public InMemoryImpressionLog Impressions { get; } = new();

    public ServingOptions Options { get; }

    public InteractionTypes Types { get; set; } = InteractionTypes.Default;

    public SlateCache Cache => field ??= new SlateCache(Time, Options);

    public IRecommender Recommender => field ??= Make();

    public long NowMs => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public IRecommender Make(IRanker? ranker = null) => new Recommender(
        Profiles, Catalogue, Trends, Models, Impressions, ranker, Hash, Types, Time, Options, Cache, _metrics);

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Owner OwnerOf(string user) => Hash.Of(new UserId(user));

    public static string CategoryOf(string item) => item[0] == 'a' ? Books : Games;

    public static ItemId Item(string id) => new(id);

    public static ImmutableArray<ItemId> Items(params string[] ids) => [.. ids.Select(Item)];

    /// <summary>Creates the shop with all items in the catalogue and a model of them, before any interaction.</summary>
    public static World WithModel(Func<ModelContent, ModelContent>? change = null)
    {
        World world = WithCatalogue();
        ModelContent content = ClusterModel();
        world.Models.Serve(SmallModels.Snapshot(change is null ? content : change(content)));
        return world;
    }

    public static World WithCatalogue()
    {
        World world = new();
        foreach (string id in AllIds())
        {
            world.Set(id, new ItemContent { Title = $"Title {id}", Categories = [CategoryOf(id)] });
        }

        world.Time.Advance(TimeSpan.FromDays(365));
        return world;
    }

    public static string[] AllIds() =>
        [.. Enumerable.Range(0, PerCluster).Select(i => $"a{i:00}"), .. Enumerable.Range(0, PerCluster).Select(i => $"b{i:00}")];

    public static ModelContent ClusterModel()
    {
        ModelContent content = SmallModels.Content(AllIds(), dimension: 3);
        Random random = new(3);
        int count = content.Items.Count;
        List<int> starts = [0];
        List<int> indices = [];
        List<float> scores = [];
        for (int i = 0; i < count; i++)
        {
            int place = i % PerCluster;
            bool isBook = i < PerCluster;
            content.Factors[i * 3] = isBook ? 1 - (place * 0.03f) : 0.05f;
            content.Factors[(i * 3) + 1] = isBook ? 0.05f : 1 - (place * 0.03f);
            content.Factors[(i * 3) + 2] = (random.NextSingle() * 0.1f) - 0.05f;
            content.Popularity[i] = 100 - place;
            for (int n = 1; n <= 3; n++)
            {
                indices.Add((i / PerCluster * PerCluster) + ((place + n) % PerCluster));
                scores.Add(1f / (n + 1));
            }

            starts.Add(indices.Count);
        }

        // One of fifteen users has interacted with the most popular item.
        return content with { Card = content.Card with { UserCount = 1_500 }, Similar = new SparseRows([.. starts], [.. indices], [.. scores]) };
    }

    /// <summary>Sets or deletes an item of the catalogue.</summary>
    public LogPosition Set(string id, ItemContent? content)
    {
        Fold.Apply(0, 0, [Entry(_catalogueOffset, new LogRecord.ItemChanged(Item(id), content, NowMs))]);
        return LogPosition.Of(new RecordPosition(0, 0, _catalogueOffset++));
    }

    /// <summary>Records an interaction of a user, at the current time or a given time before it.</summary>
    public LogPosition Does(string user, string type, string item, TimeSpan ago = default, double? value = null)
    {
        LogRecord.Interaction record = new(new UserId(user), Item(item), type, NowMs - (long)ago.TotalMilliseconds) { Value = value };
        return Take(user, record);
    }

    public LogPosition Says(string user, bool? consent, params (string Name, string Json)[] labels) => Take(
        user,
        new LogRecord.UserChanged(
            new UserId(user), labels.ToImmutableSortedDictionary(label => label.Name, label => label.Json, StringComparer.Ordinal), consent, false, NowMs));

    public Slate Recommend(SlateRequest request) => Now(Recommender.RecommendAsync(request, Token));

    public Slate Recommend(string user, int count = 10) => Recommend(new SlateRequest { User = new UserId(user), Count = count });

    public Explanation Explain(string user, string item, SlateRequest? request = null) =>
        Now(Recommender.ExplainAsync((request ?? new SlateRequest()) with { User = new UserId(user) }, Item(item), Token));

    /// <summary>Returns the result of a task that must be completed.</summary>
    public static T Now<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted, "it waits");
        return task.GetAwaiter().GetResult();
    }

    public static string[] Ids(Slate slate) => [.. slate.Items.Select(item => item.Item.Value)];

    public void Dispose()
    {
        Models.Serve(null);
        _metrics.Dispose();
    }

    private LogPosition Take(string user, LogRecord record)
    {
        long offset = _userOffset++;
        UserProfile before = Profiles.Profiles.GetValueOrDefault(user, UserProfile.Empty);
        Profiles.Profiles[user] = before.Apply(0, 1, [Entry(offset, record)]);
        _offsets[user] = offset;
        return LogPosition.Of(new RecordPosition(0, 1, offset));
    }

    private LogEntry Entry(long offset, LogRecord record)
    {
        ArrayBufferWriter<byte> bytes = new();
        _codec.Encode(record, bytes);
        return new LogEntry(offset, bytes.WrittenMemory);
    }
}

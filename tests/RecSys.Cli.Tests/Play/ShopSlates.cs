using System.Buffers;
using System.Collections.Immutable;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Batch.Replay;
using RecSys.Batch.Training;
using RecSys.Cli.Play;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using RecSys.Numerics;
using RecSys.Serving;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Play;

/// <summary>The simulated shop with a trained model, and the slates that are served from it.</summary>
public sealed class ShopSlates : IAsyncLifetime
{
    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);
    private readonly LogRecordCodec _codec = new(Hash);
    private ReplayWorld? _world;
    private WorldReplay? _replay;
    private ModelSnapshot? _model;

    internal static DateTimeOffset Now { get; } = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    internal ShopWorld Shop { get; private init; } = new(new ShopWorldOptions { ItemCount = 1_200, ShopperCount = 600 }, Now);

    /// <summary>Returns another shop, with other items, shoppers and tastes.</summary>
    internal static ShopSlates Of(ulong seed) => new() { Shop = new ShopWorld(new ShopWorldOptions { ItemCount = 1_200, ShopperCount = 600, Seed = seed }, Now) };

    public async ValueTask InitializeAsync()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        await using InMemoryInteractionLog log = new(_codec);
        LogPosition end = await log.AppendAsync([.. Shop.Records()], cancel);
        _world = LogWorld.Read(log, end, InteractionTypes.Default, progress: null, cancel);
        _replay = new WorldReplay(_world, new TrendsOptions());
        _replay.Apply(0, _world.Records.Count);
        _replay.Time.MoveTo(Now.ToUnixTimeMilliseconds());
        ModelContent content = new ModelBuilder(new ModelOptions { Dimension = 32, Iterations = 6 }, new WorkerThreads { Count = 1 }).Build(
            _replay.Table().ToTrainingSet(),
            item => _replay.Current.TryGet(item, out Core.Catalogue.CatalogueItem? known) ? known.Content : null,
            warm: null,
            _ => { },
            cancel);
        _model = ModelSnapshot.Of(content with { Card = content.Card with { Watermark = new LogPosition(0, [_world.Records.Count]) } });
    }

    public ValueTask DisposeAsync()
    {
        _model?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns a slate of a shopper after further acts, one minute apart, the last one now.</summary>
    internal Slate Slate(string? shopper, IReadOnlyList<(string Type, ItemId Item)> acts, Action<ServingOptions>? configure = null)
    {
        // The random numbers of a slate depend on the user: the same request gets the same slate in any order of the tests.
        UserId user = new($"visitor-{shopper}");
        UserProfile profile = shopper is null ? UserProfile.Empty : _replay!.ProfileOf(new UserId(shopper));
        for (int act = 0; act < acts.Count; act++)
        {
            ArrayBufferWriter<byte> bytes = new();
            long timeMs = Now.AddMinutes(act + 1 - acts.Count).ToUnixTimeMilliseconds();
            _codec.Encode(new LogRecord.Interaction(user, acts[act].Item, acts[act].Type, timeMs), bytes);
            profile = profile.Apply(0, 1, [new LogEntry(1_000_000 + act, bytes.WrittenMemory)]);
        }

        _replay!.Enter(user, profile);
        using ServiceProvider services = new ServiceCollection()
            .AddSingleton(Hash)
            .AddSingleton(InteractionTypes.Default)
            .AddServingLayer(configure)
            .BuildServiceProvider();
        using IEvaluatedSlates slates = services.GetRequiredService<ISlateEvaluation>().Open(
            new EvaluatedViews(_replay, _replay, _replay, _model!, _replay.Time, Seed: 1));
        Slate slate = slates.SlateAsync(new SlateRequest { User = user }, TestContext.Current.CancellationToken).AsTask().GetAwaiter().GetResult();
        _replay.Leave(user);
        return slate;
    }

    /// <summary>Returns items of a department in the order of their ids.</summary>
    internal IEnumerable<ItemId> Items(string department) =>
        _world!.Items.Where(item => DepartmentOf(item) == department).OrderBy(item => item.Value, StringComparer.Ordinal);

    /// <summary>Returns the department of an item.</summary>
    internal string DepartmentOf(ItemId item) => _replay!.Current.TryGet(item, out Core.Catalogue.CatalogueItem? known) ? known.Content.Categories[0] : "";

    /// <summary>Returns the departments that a shopper likes.</summary>
    internal ImmutableArray<string> TastesOf(string shopper) =>
        [.. Shop.Featured.First(one => one.UserId == shopper).Tastes.Select(taste => taste.Split(',')[0])];

    /// <summary>Returns the number of items of a slate in each department.</summary>
    internal Dictionary<string, int> Departments(Slate slate) =>
        slate.Items.GroupBy(item => DepartmentOf(item.Item)).ToDictionary(group => group.Key, group => group.Count(), StringComparer.Ordinal);
}

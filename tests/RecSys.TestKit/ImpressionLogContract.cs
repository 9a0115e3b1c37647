using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using Xunit;

namespace RecSys.TestKit;

/// <summary>The requirements on every <see cref="IImpressionLog"/>, erasure included. An adapter's tests inherit it.</summary>
public abstract class ImpressionLogContract
{
    protected static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    protected static readonly Owner Ada = Hash.Of(new UserId("ada"));

    protected static readonly Owner Bob = Hash.Of(new UserId("bob"));

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens an empty log.</summary>
    protected abstract IImpressionLog Open();

    /// <summary>Opens the same data again, as after a crash: nothing was flushed or closed.</summary>
    protected abstract IImpressionLog Reopen();

    /// <summary>Opens an empty log of which at most this many slates may wait.</summary>
    protected abstract IImpressionLog OpenWithQueueOf(int slates);

    [Fact]
    public async Task A_flushed_slate_survives_a_crash()
    {
        SlateImpression slate = new(
            "r-1", Ada, 1_700_000_000_000, "model-1", [new(new ItemId("book/ü"), 1.5f, 1f), new(new ItemId("film 2"), -0.25f, 0.125f)]);
        IImpressionLog log = Open();
        Assert.True(log.TryAppend(slate));
        await log.FlushAsync(Cancel);

        SlateImpression read = Assert.Single(await AllAsync(Reopen().ReadAsync(Ada, Cancel)));

        Assert.Equal(slate with { Items = read.Items }, read);
        Assert.Equal(slate.Items, read.Items);
    }

    [Fact]
    public async Task A_slate_without_a_user_a_model_or_items_is_kept_too()
    {
        IImpressionLog log = Open();
        Assert.True(log.TryAppend(new SlateImpression("r-1", null, 5, null, [])));
        await log.FlushAsync(Cancel);

        SlateImpression read = Assert.Single(await AllAsync(log.ReadAllAsync(Cancel)));

        Assert.Equal(("r-1", null, 5L, null, 0), (read.RecommendationId, read.Owner, read.TimestampMs, read.ModelVersion, read.Items.Count));
        Assert.Empty(await AllAsync(log.ReadAsync(Ada, Cancel)));
    }

    [Fact]
    public async Task Slates_are_read_oldest_first_of_one_person_and_of_all()
    {
        IImpressionLog log = Open();
        for (int number = 0; number < 2_000; number++)
        {
            Assert.True(log.TryAppend(Slate($"r-{number}", number % 3 == 0 ? Ada : Bob)));
        }

        await log.FlushAsync(Cancel);

        Assert.Equal(
            Enumerable.Range(0, 2_000).Select(number => $"r-{number}"),
            (await AllAsync(log.ReadAllAsync(Cancel))).Select(slate => slate.RecommendationId));
        Assert.Equal(
            Enumerable.Range(0, 2_000).Where(number => number % 3 == 0).Select(number => $"r-{number}"),
            (await AllAsync(log.ReadAsync(Ada, Cancel))).Select(slate => slate.RecommendationId));
    }

    [Fact]
    public async Task A_slate_just_noted_is_found_by_its_person_and_its_id_with_its_parts_and_reasons()
    {
        IImpressionLog log = Open();
        for (int number = 0; number < 1_000; number++)
        {
            log.TryAppend(Slate($"r-{number}", number % 2 == 0 ? Ada : Bob));
        }

        log.TryAppend(Slate("r-12", Bob) with
        {
            PartNames = ["affinity", "seen"],
            Items = [new ImpressionItem(new ItemId("i"), 0.5f, 1f) { Reason = "Because you viewed “ü”", Parts = [1f, -0.5f] }, new ImpressionItem(new ItemId("j"), 0, 1)],
        });

        SlateImpression? explained = await log.FindAsync(Bob, "r-12", Cancel);

        Assert.Equal(["affinity", "seen"], explained!.PartNames);
        Assert.Equal([1f, -0.5f], explained.Items[0].Parts);
        Assert.Equal(["Because you viewed “ü”", null], explained.Items.Select(item => item.Reason));
        Assert.Equal("r-998", (await log.FindAsync(Ada, "r-998", Cancel))!.RecommendationId);
        Assert.Null(await log.FindAsync(Ada, "r-999", Cancel));
        Assert.Null(await log.FindAsync(Ada, "r-9", Cancel));
    }

    [Fact]
    public async Task Many_callers_at_once_all_find_their_slates()
    {
        IImpressionLog log = Open();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(caller => Task.Run(
            async () =>
            {
                for (int number = 0; number < 100; number++)
                {
                    Assert.True(log.TryAppend(Slate($"{caller}-{number}", Ada)));
                }

                await log.FlushAsync(Cancel);
                Assert.Equal(
                    Enumerable.Range(0, 100).Select(number => $"{caller}-{number}"),
                    (await AllAsync(log.ReadAsync(Ada, Cancel)))
                        .Select(slate => slate.RecommendationId).Where(id => id.StartsWith($"{caller}-", StringComparison.Ordinal)));
            },
            Cancel)));

        Assert.Equal(800, (await AllAsync(Reopen().ReadAllAsync(Cancel))).Count);
    }

    [Fact]
    public async Task A_full_queue_refuses_and_keeps_the_queued_slates()
    {
        IImpressionLog log = OpenWithQueueOf(50);
        int noted = 0;
        bool isFull = false;
        for (int number = 0; number < 1_000_000 && !isFull; number++)
        {
            isFull = !log.TryAppend(Slate($"r-{number}", Ada));
            noted += isFull ? 0 : 1;
        }

        await log.FlushAsync(Cancel);

        Assert.True(isFull);
        Assert.Equal(noted, (await AllAsync(log.ReadAllAsync(Cancel))).Count);
        Assert.True(log.TryAppend(Slate("later", Ada)));
    }

    [Fact]
    public void A_slate_over_its_limit_is_refused() =>
        Assert.ThrowsAny<ArgumentException>(() => Open().TryAppend(
            new SlateImpression("r-1", Ada, 1, null, [.. Enumerable.Range(0, 101).Select(number => new ImpressionItem(new ItemId($"{number}"), 0, 1))])));

    [Fact]
    public async Task An_erased_person_is_removed_and_all_others_are_kept()
    {
        IImpressionLog log = Open();
        for (int number = 0; number < 100; number++)
        {
            log.TryAppend(Slate($"ada-{number}", Ada));
            log.TryAppend(Slate($"bob-{number}", Bob));
        }

        Assert.Equal(100, await log.EraseAsync(Ada, LogPosition.Start, Cancel));
        Assert.Equal(0, await log.EraseAsync(Ada, LogPosition.Start, Cancel));
        log.TryAppend(Slate("new", Ada));
        await log.FlushAsync(Cancel);

        foreach (IImpressionLog opened in (IImpressionLog[])[log, Reopen()])
        {
            Assert.Equal(["new"], (await AllAsync(opened.ReadAsync(Ada, Cancel))).Select(slate => slate.RecommendationId));
            Assert.Equal(100, (await AllAsync(opened.ReadAsync(Bob, Cancel))).Count);
            Assert.Equal(101, (await AllAsync(opened.ReadAllAsync(Cancel))).Count);
        }
    }

    protected static SlateImpression Slate(string id, Owner? owner) =>
        new(id, owner, 1_700_000_000_000, "model-1", [.. Enumerable.Range(0, 10).Select(number => new ImpressionItem(new ItemId($"item-of-{id}-{number}"), number, 1f))]);

    protected static async Task<List<SlateImpression>> AllAsync(IAsyncEnumerable<SlateImpression> slates)
    {
        List<SlateImpression> all = [];
        await foreach (SlateImpression slate in slates)
        {
            all.Add(slate);
        }

        return all;
    }
}

using System.Collections.Concurrent;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using Xunit;

namespace RecSys.TestKit.Models;

/// <summary>The requirements on every <see cref="IModelStore"/>. An adapter's tests inherit it.</summary>
public abstract class ModelStoreContract
{
    protected static readonly ModelVersion First = new("20261101-000000-1");
    protected static readonly ModelVersion Second = new("20261102-000000-1");
    protected static readonly ModelVersion Third = new("20261103-000000-1");

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected abstract IModelStore Open();

    /// <summary>Opens the same models again, as after a crash: nothing was flushed or closed.</summary>
    protected abstract IModelStore Reopen();

    [Fact]
    public async Task A_published_model_survives_a_crash_whole()
    {
        ModelContent content = SmallModels.Content(["a", "b"]);
        ModelCard published = await Open().PublishAsync(First, content, Cancel);

        using ModelSnapshot? model = await Reopen().OpenAsync(First, Cancel);

        Assert.NotNull(model);
        Assert.Equal(First, published.Version);
        Assert.Equal(published.CreatedAtMs, model.Card.CreatedAtMs);
        Assert.True(published.SizeBytes > 0);
        Assert.Equal(["a", "b"], [model.ItemAt(0).Value, model.ItemAt(1).Value]);
        Assert.Equal(content.Factors, model.AllFactors.ToArray());
    }

    [Fact]
    public async Task A_version_is_never_published_twice()
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);

        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await store.PublishAsync(First, SmallModels.Content(["b"]), Cancel));

        using ModelSnapshot? model = await store.OpenAsync(First, Cancel);
        Assert.Equal("a", model?.ItemAt(0).Value);
    }

    [Fact]
    public async Task Of_many_concurrent_publications_of_one_version_one_succeeds()
    {
        IModelStore store = Open();
        int failures = 0;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async i =>
        {
            try
            {
                await store.PublishAsync(First, SmallModels.Content([$"item-{i}"]), Cancel);
            }
            catch (InvalidOperationException)
            {
                Interlocked.Increment(ref failures);
            }
        }));

        Assert.Equal(7, failures);
        using ModelSnapshot? model = await store.OpenAsync(First, Cancel);
        Assert.Equal(1, model?.ItemCount);
    }

    [Fact]
    public async Task A_failed_publication_leaves_no_model()
    {
        IModelStore store = Open();
        ModelContent broken = SmallModels.Content(["a"]) with { Popularity = [] };

        await Assert.ThrowsAsync<ArgumentException>(async () => await store.PublishAsync(First, broken, Cancel));

        Assert.Empty(await store.ListAsync(Cancel));
        Assert.Null(await store.OpenAsync(First, Cancel));
    }

    [Fact]
    public async Task Models_are_listed_newest_first_and_an_unknown_one_is_null()
    {
        IModelStore store = Open();
        await store.PublishAsync(Second, SmallModels.Content(["a"]), Cancel);
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);

        Assert.Equal([Second, First], (await store.ListAsync(Cancel)).Select(card => card.Version));
        Assert.Null(await store.OpenAsync(Third, Cancel));
    }

    [Fact]
    public async Task An_alias_survives_a_crash_and_raises_the_event()
    {
        IModelStore store = Open();
        ConcurrentQueue<string> changed = [];
        store.AliasChanged += changed.Enqueue;
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);

        Assert.Null(await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.True(await store.SetAliasAsync(ModelAliases.Champion, First, Cancel));

        Assert.Equal(First, await Reopen().GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.True(await store.SetAliasAsync(ModelAliases.Champion, null, Cancel));
        Assert.Null(await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        await Eventually.TrueAsync(() => changed.Count >= 2, "both changes are announced");
        Assert.All(changed, name => Assert.Equal(ModelAliases.Champion, name));
    }

    [Fact]
    public async Task An_alias_is_replaced_only_if_it_names_the_expected_model()
    {
        IModelStore store = Open();
        foreach (ModelVersion version in new[] { First, Second })
        {
            await store.PublishAsync(version, SmallModels.Content(["a"]), Cancel);
        }

        Assert.False(await store.TryReplaceAliasAsync(ModelAliases.Champion, Second, First, Cancel));
        Assert.True(await store.TryReplaceAliasAsync(ModelAliases.Champion, null, First, Cancel));
        Assert.False(await store.TryReplaceAliasAsync(ModelAliases.Champion, null, Second, Cancel));
        Assert.False(await store.TryReplaceAliasAsync(ModelAliases.Champion, First, Third, Cancel)); // there is no such model
        Assert.True(await store.TryReplaceAliasAsync(ModelAliases.Champion, First, Second, Cancel));
        Assert.Equal(Second, await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        Assert.True(await store.TryReplaceAliasAsync(ModelAliases.Champion, Second, null, Cancel));
        Assert.Null(await Reopen().GetAliasAsync(ModelAliases.Champion, Cancel));
    }

    [Fact]
    public async Task Of_many_replacements_of_an_alias_at_once_one_succeeds()
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        await store.PublishAsync(Second, SmallModels.Content(["a"]), Cancel);
        await store.SetAliasAsync(ModelAliases.Champion, First, Cancel);

        bool[] outcomes = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ =>
            Task.Run(async () => await store.TryReplaceAliasAsync(ModelAliases.Champion, First, Second, Cancel), Cancel)));

        Assert.Single(outcomes, isReplaced => isReplaced);
    }

    [Fact]
    public async Task An_alias_never_names_a_missing_model()
    {
        IModelStore store = Open();

        Assert.False(await store.SetAliasAsync(ModelAliases.Champion, First, Cancel));
        Assert.Null(await store.GetAliasAsync(ModelAliases.Champion, Cancel));
        await Assert.ThrowsAsync<ArgumentException>(async () => await store.GetAliasAsync("../champion", Cancel));
    }

    [Fact]
    public async Task Old_models_are_deleted_except_those_with_an_alias()
    {
        IModelStore store = Open();
        foreach (ModelVersion version in new[] { First, Second, Third })
        {
            await store.PublishAsync(version, SmallModels.Content(["a"]), Cancel);
        }

        await store.SetAliasAsync(ModelAliases.Previous, First, Cancel);

        Assert.Equal(1, await store.DeleteOldAsync(keep: 1, Cancel));
        Assert.Equal([Third, First], (await store.ListAsync(Cancel)).Select(card => card.Version));
    }

    [Fact]
    public async Task A_model_in_use_outlives_its_deletion()
    {
        IModelStore store = Open();
        await store.PublishAsync(First, SmallModels.Content(["a"]), Cancel);
        await store.PublishAsync(Second, SmallModels.Content(["a"]), Cancel);
        using ModelSnapshot? model = await store.OpenAsync(First, Cancel);

        await store.DeleteOldAsync(keep: 1, Cancel);

        Assert.Equal("a", model?.ItemAt(0).Value);
        Assert.Equal(1f, model?.Popularity[0]);
    }
}

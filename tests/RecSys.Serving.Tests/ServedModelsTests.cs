using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.TestKit;
using RecSys.TestKit.Models;

namespace RecSys.Serving.Tests;

public sealed class ServedModelsTests : IDisposable
{
    private static readonly ModelVersion Old = new("1");
    private static readonly ModelVersion New = new("2");

    private readonly DataFolder _folder = new();
    private readonly FileModelStore _store;

    private readonly InMemoryControlStore _control = new();

    public ServedModelsTests() => _store = new FileModelStore(_folder.Path, _control, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Without_a_champion_there_is_no_lease()
    {
        await using ServedModels served = new(_store);
        await served.RefreshAsync(isChanged: true, Cancel);

        Assert.Null(served.TryLease());
        Assert.Null(served.Champion);
    }

    [Fact]
    public async Task A_new_champion_is_served_and_requests_under_way_keep_the_old_one()
    {
        await PublishAsync(Old, "old");
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        await using ServedModels served = new(_store);
        await served.RefreshAsync(isChanged: true, Cancel);
        ModelLease before = served.TryLease()!;
        TaskCompletionSource changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        served.Changed += name => changed.TrySetResult();

        await _store.SetAliasAsync(ModelAliases.Champion, New, Cancel);
        await changed.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        using ModelLease after = served.TryLease()!;
        Assert.Equal("new", after.Model.ItemAt(0).Value);
        Assert.Equal(New, served.Champion?.Version);
        Assert.Equal("old", before.Model.ItemAt(0).Value);
        Assert.Equal(1f, before.Model.Popularity[0]);
        before.Dispose();
        Assert.Throws<ObjectDisposedException>(() => before.Model.Popularity[0]);
        before.Dispose();
        Assert.Equal(1f, after.Model.Popularity[0]);
    }

    [Fact]
    public async Task A_champion_that_cannot_be_opened_is_reported_and_the_old_one_still_serves()
    {
        await PublishAsync(Old, "old");
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        await using ServedModels served = new(_store);
        await served.RefreshAsync(isChanged: true, Cancel);
        TaskCompletionSource<Exception> failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        served.LoadFailed += (version, exception) => failed.TrySetResult(exception);
        string path = _folder.File($"{New}.model");
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, Cancel);

        await _store.SetAliasAsync(ModelAliases.Champion, New, Cancel);

        Assert.IsType<CorruptModelException>(await failed.Task.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
        using ModelLease lease = served.TryLease()!;
        Assert.Equal("old", lease.Model.ItemAt(0).Value);
    }

    [Theory]
    [InlineData("body")]
    [InlineData("header")]
    [InlineData("empty")]
    [InlineData("model deleted")]
    [InlineData("alias")]
    [InlineData("alias empty")]
    [InlineData("alias deleted")]
    public async Task If_the_champion_is_damaged_at_the_start_the_newest_undamaged_model_is_served(string damage)
    {
        await PublishAsync(new ModelVersion("0"), "oldest");
        await PublishAsync(Old, "old");
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, New, Cancel);
        await DamageAsync(New, damage);
        await using ServedModels served = new(_store);
        List<ModelVersion> failed = [];
        served.LoadFailed += (version, _) => failed.Add(version);

        await served.RefreshAsync(isChanged: true, Cancel);
        await served.RefreshAsync(isChanged: true, Cancel);

        bool isAliasDamaged = damage.StartsWith("alias", StringComparison.Ordinal);
        using ModelLease lease = served.TryLease()!;
        Assert.Equal(isAliasDamaged ? "new" : "old", lease.Model.ItemAt(0).Value);
        Assert.Equal(isAliasDamaged ? New : Old, served.Fallback?.Served);
        Assert.Equal(isAliasDamaged ? null : New, served.Fallback?.Wanted);
        Assert.Single(failed);
    }

    [Fact]
    public async Task A_new_champion_ends_a_fallback()
    {
        await PublishAsync(Old, "old");
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, New, Cancel);
        await DamageAsync(New, "body");
        await using ServedModels served = new(_store);
        await served.RefreshAsync(isChanged: true, Cancel);
        Assert.Contains("1 is served instead", served.Fallback?.ToString(), StringComparison.Ordinal);

        await _store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        await served.RefreshAsync(isChanged: true, Cancel);

        Assert.Null(served.Fallback);
        Assert.Equal(Old, served.Champion?.Version);
    }

    [Fact]
    public async Task Without_an_undamaged_model_none_is_served_and_the_reason_is_reported()
    {
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, New, Cancel);
        await DamageAsync(New, "header");
        await using ServedModels served = new(_store);

        await served.RefreshAsync(isChanged: true, Cancel);

        Assert.Null(served.TryLease());
        Assert.Contains("no other model is undamaged", served.Fallback?.ToString(), StringComparison.Ordinal);
        Assert.Equal(New, Assert.Single(await _store.ListDamagedAsync(Cancel)).Version);
    }

    [Fact]
    public async Task Leases_taken_while_champions_are_replaced_always_work()
    {
        await PublishAsync(Old, "old");
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        await using ServedModels served = new(_store);
        await served.RefreshAsync(isChanged: true, Cancel);
        using CancellationTokenSource done = new();

        Task<long>[] readers = [.. Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            long leases = 0;
            do
            {
                using ModelLease lease = served.TryLease() ?? throw new InvalidOperationException("no champion");
                Assert.Equal(1f, lease.Model.Popularity[0]);
                leases++;
            }
            while (!done.IsCancellationRequested);

            return leases;
        }))];
        for (int swap = 0; swap < 40; swap++)
        {
            await _store.SetAliasAsync(ModelAliases.Champion, swap % 2 == 0 ? New : Old, Cancel);
            await served.RefreshAsync(isChanged: true, Cancel);
        }

        await done.CancelAsync();
        Assert.All(await Task.WhenAll(readers), leases => Assert.True(leases > 0));
    }

    [Fact]
    public async Task A_change_that_was_not_announced_is_served_at_the_next_reading_of_the_aliases()
    {
        await PublishAsync(Old, "old");
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        await using ServedModels served = new(_store);
        await served.RefreshAsync(isChanged: true, Cancel);

        _control.LosesAnnouncements = true;
        await _store.SetAliasAsync(ModelAliases.Champion, New, Cancel);
        Assert.Equal(Old, served.Champion?.Version);
        await served.RefreshAsync(isChanged: false, Cancel);

        Assert.Equal(New, served.Champion?.Version);
    }

    [Fact]
    public async Task A_damaged_model_is_not_read_again_until_an_alias_changes_and_a_missing_one_is()
    {
        await PublishAsync(Old, "old");
        await PublishAsync(New, "new");
        await _store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        await using ServedModels served = new(_store);
        await served.RefreshAsync(isChanged: true, Cancel);
        string path = _folder.File($"{New}.model");
        byte[] bytes = await File.ReadAllBytesAsync(path, Cancel);
        await DamageAsync(New, "body");
        _control.LosesAnnouncements = true; // so that only this test refreshes the models
        await _store.SetAliasAsync(ModelAliases.Champion, New, Cancel);
        await served.RefreshAsync(isChanged: true, Cancel);
        Assert.Equal(Old, served.Champion?.Version);
        Assert.NotNull(served.Fallback);

        await File.WriteAllBytesAsync(path, bytes, Cancel);
        await served.RefreshAsync(isChanged: false, Cancel);
        Assert.Equal(Old, served.Champion?.Version);
        File.Delete(path);
        await served.RefreshAsync(isChanged: true, Cancel);
        await File.WriteAllBytesAsync(path, bytes, Cancel);
        await served.RefreshAsync(isChanged: false, Cancel);

        Assert.Equal(New, served.Champion?.Version);
        Assert.Null(served.Fallback);
    }

    private async Task DamageAsync(ModelVersion version, string damage)
    {
        string model = _folder.File($"{version}.model");
        switch (damage)
        {
            case "alias":
                await DamageAliasAsync([0xFF, 0x00, 0x7F]);
                break;
            case "alias empty":
                await DamageAliasAsync([]);
                break;
            case "alias deleted":
                ControlRow row = (await _control.GetAsync("model/alias/champion", Cancel))!;
                await _control.TryDeleteAsync(row.Key, row.Version, Cancel);
                break;
            case "model deleted":
                File.Delete(model);
                break;
            case "empty":
                await File.WriteAllBytesAsync(model, [], Cancel);
                break;
            default:
                byte[] bytes = await File.ReadAllBytesAsync(model, Cancel);
                bytes[damage == "header" ? 9 : ^1] ^= 1;
                await File.WriteAllBytesAsync(model, bytes, Cancel);
                break;
        }
    }

    private async Task DamageAliasAsync(byte[] value)
    {
        ControlRow row = (await _control.GetAsync("model/alias/champion", Cancel))!;
        await _control.TrySetAsync(row.Key, row.Version, value, Cancel);
    }

    private async Task PublishAsync(ModelVersion version, string item) =>
        await _store.PublishAsync(version, SmallModels.Content([item]), Cancel);
}

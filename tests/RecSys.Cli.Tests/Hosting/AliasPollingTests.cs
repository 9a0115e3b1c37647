using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using RecSys.Cli.Hosting;
using RecSys.Core.Models;
using RecSys.Files;
using RecSys.Serving;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;
using InMemoryControlStore = RecSys.TestKit.InMemoryControlStore;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>A node that gets no announcement of a change.</summary>
public sealed class AliasPollingTests : IAsyncDisposable
{
    private static readonly ModelVersion Version = new("20260504-120000-1");

    private readonly TestKit.DataFolder _folder = new();
    private readonly FakeTimeProvider _time = new();
    private readonly FileModelStore _store;
    private readonly ServedModels _served;

    public AliasPollingTests()
    {
        _store = new FileModelStore(_folder.Path, new InMemoryControlStore(), TimeProvider.System);
        _served = new ServedModels(_store);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _served.DisposeAsync();
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_champion_whose_file_arrives_later_is_served_after_the_next_reading()
    {
        await _store.SetAliasAsync(ModelAliases.Champion, Version, Cancel);
        await _served.RefreshAsync(isChanged: true, Cancel);
        Assert.Null(_served.Champion);
        using AliasPolling polling = new(_served, _time, NullLogger<AliasPolling>.Instance);
        await polling.StartAsync(Cancel);

        await _store.PublishAsync(Version, SmallModels.Content(["tea"]), Cancel);

        await Eventually.TrueAsync(
            () =>
            {
                _time.Advance(AliasPolling.Period);
                return _served.Champion?.Version == Version;
            },
            "the champion is served");
        await polling.StopAsync(Cancel);
    }
}

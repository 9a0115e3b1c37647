using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Actors;
using RecSys.Actors.Tests;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using Xunit;

namespace RecSys.Speed.Tests;

/// <summary>One node of the speed layer over stores in memory, for a test. Every message between actors is serialized.</summary>
internal sealed class SpeedNode : IAsyncDisposable
{
    public static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    private readonly ServiceProvider _services;
    private bool _isStopped;

    private SpeedNode(Stores stores, Action<SpeedOptions>? configure, Action<IServiceCollection>? add, Action<ActorsOptions>? actors)
    {
        ServiceCollection services = new();
        services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
        services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
        services.AddSingleton(Hash);
        services.AddSingleton<IInteractionLog>(stores.Log);
        services.AddSingleton<IErasable>(stores.Log);
        services.AddSingleton<ISnapshotTable>(stores.Table);
        services.AddSingleton<IFoldStore>(stores.Folds);
        services.AddSingleton<IControlStore>(stores.Control);
        services.AddSingleton(InteractionTypes.Default);
        services.AddRecSysActors(options =>
        {
            options.Hocon = VerifyingSerializer.Hocon;
            actors?.Invoke(options);
        });
        services.AddSpeedLayer(options =>
        {
            options.SaveAfter = TimeSpan.FromMilliseconds(100);
            options.CheckpointEvery = TimeSpan.FromMilliseconds(100);
            options.FoldSaveEvery = TimeSpan.FromMilliseconds(100);
            options.TrendUsersMin = 1;
            configure?.Invoke(options);
        });
        add?.Invoke(services);
        _services = services.BuildServiceProvider();
        Stores = stores;
    }

    public Stores Stores { get; }

    public IUserProfiles Profiles => Get<IUserProfiles>();

    public SpeedLayer Layer => Get<SpeedLayer>();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<SpeedNode> StartAsync(
        Stores? stores = null, Action<SpeedOptions>? configure = null, Action<IServiceCollection>? add = null, Action<ActorsOptions>? actors = null)
    {
        SpeedNode node = new(stores ?? new Stores(), configure, add, actors);
        foreach (IHostedService service in node._services.GetServices<IHostedService>())
        {
            await service.StartAsync(Cancel);
        }

        return node;
    }

    public T Get<T>()
        where T : notnull => _services.GetRequiredService<T>();

    /// <summary>Appends records.</summary>
    public ValueTask<LogPosition> AppendAsync(params LogRecord[] records) => Stores.Log.AppendAsync(records, Cancel);

    /// <summary>Reads a user's profile with all records up to a position.</summary>
    public async Task<UserProfile> ReadAsync(string user, LogPosition? after = null)
    {
        ProfileReading reading = await Profiles.GetAsync(new UserId(user), after, Cancel);
        Assert.True(reading.IsReflected);
        return reading.Profile;
    }

    /// <summary>Ends the node in order, as SIGTERM does.</summary>
    public async Task StopAsync()
    {
        if (!_isStopped)
        {
            _isStopped = true;
            foreach (IHostedService service in _services.GetServices<IHostedService>().Reverse())
            {
                await service.StopAsync(CancellationToken.None);
            }
        }
    }

    /// <summary>Ends the node as a crash does, without saving.</summary>
    public async Task CrashAsync()
    {
        _isStopped = true;
        Stores.Table.Fault = new StoreUnavailableException("the node has crashed");
        Stores.Folds.Fault = Stores.Control.WriteFault = Stores.Table.Fault;
        foreach (IHostedService service in _services.GetServices<IHostedService>().Where(service => service is not RecSysActorSystem))
        {
            await service.StopAsync(CancellationToken.None); // as a test's process goes on, its threads must end
        }

        await Get<RecSysActorSystem>().System.Terminate();
        Stores.Table.Fault = Stores.Folds.Fault = Stores.Control.WriteFault = null;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _services.DisposeAsync();
    }
}

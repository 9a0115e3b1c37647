using System.Diagnostics;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;

namespace RecSys.Cli.Hosting;

/// <summary>A web server that does not stop while it starts or immediately after.</summary>
/// <remarks>Kestrel starts a thread at its start and disposes at its stop of an event for which that thread waits. If the thread has not begun yet, it ends the process by an <see cref="ObjectDisposedException"/>.</remarks>
internal sealed class UninterruptedServer(IServer inner) : IServer
{
    /// <summary>The shortest time between a start and a stop: on a busy machine, a thread begins that late.</summary>
    private static readonly TimeSpan RunMin = TimeSpan.FromMilliseconds(200);

    private long _started;

    /// <inheritdoc/>
    public IFeatureCollection Features => inner.Features;

    /// <summary>Replaces the registered web server by one that is not interrupted.</summary>
    public static void Replace(IServiceCollection services)
    {
        Type server = services.Last(service => service.ServiceType == typeof(IServer)).ImplementationType!;
        services.AddSingleton<IServer>(provider => new UninterruptedServer((IServer)ActivatorUtilities.CreateInstance(provider, server)));
    }

    /// <inheritdoc/>
    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        cancellationToken.ThrowIfCancellationRequested();
        _started = Stopwatch.GetTimestamp();
        return inner.StartAsync(application, CancellationToken.None);
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        TimeSpan early = RunMin - Stopwatch.GetElapsedTime(_started);
        if (_started != 0 && early > TimeSpan.Zero)
        {
            await Task.Delay(early, CancellationToken.None);
        }

        await inner.StopAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => inner.Dispose();
}

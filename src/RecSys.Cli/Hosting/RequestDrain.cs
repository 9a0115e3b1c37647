using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;

namespace RecSys.Cli.Hosting;

/// <summary>Stops the HTTP server soon after a stop request, even if requests are open.</summary>
/// <remarks>
/// The host would wait for open requests for the whole time of its stop, so that one slow client would use up the time for saving users. Here requests
/// have <see cref="DrainMax"/> to complete; then their connections are closed, and the shutdown continues.
/// </remarks>
internal sealed class RequestDrain(IServer server, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>Time for which open requests may continue.</summary>
    public static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(1);

    private CancellationTokenSource? _end;
    private CancellationTokenRegistration _onStopping;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _onStopping = lifetime.ApplicationStopping.Register(() =>
        {
            _end = new CancellationTokenSource(DrainMax, time);
            _ = server.StopAsync(_end.Token); // the host's own call waits for this one to end
        });
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose()
    {
        _onStopping.Dispose();
        _end?.Dispose();
    }
}

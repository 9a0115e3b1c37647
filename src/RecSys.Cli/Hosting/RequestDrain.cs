using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.Extensions.Hosting;

namespace RecSys.Cli.Hosting;

/// <summary>Stops the HTTP server soon after a stop request, even if requests are open.</summary>
/// <remarks>
/// The host waits for open requests as long as for its whole stop, so that one slow reader would take the time in which users save. Here requests
/// have <see cref="DrainMax"/> to complete; then their connections are closed, and the stop continues in order.
/// </remarks>
internal sealed class RequestDrain(IServer server, IHostApplicationLifetime lifetime, TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>How long open requests may go on.</summary>
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

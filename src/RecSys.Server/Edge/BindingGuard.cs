using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace RecSys.Server.Edge;

/// <summary>Refuses to start if other machines could reach a server without API keys.</summary>
/// <remarks>Called with the configured addresses when the routes are mapped and before the server binds, and with the bound addresses afterwards.</remarks>
internal sealed partial class BindingGuard(
    IServer server, IConfiguration configuration, ApiKeys keys, ILogger<BindingGuard> logger) : IHostedLifecycleService
{
    private ICollection<string> Bound => server.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];

    /// <summary>Checks the addresses configured so far.</summary>
    /// <exception cref="UnguardedAddressException">Other machines could reach an address.</exception>
    public void CheckConfigured() => Check([.. Bound, .. Configured()]);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        CheckConfigured();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        Check(Bound);
        if (keys.IsEmpty)
        {
            LogOpen(logger);
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private IEnumerable<string> Configured()
    {
        IEnumerable<string> urls = Split(configuration["urls"]);
        if (!urls.Any())
        {
            urls = Split(configuration["http_ports"]).Concat(Split(configuration["https_ports"])).Select(port => $"http://*:{port}");
        }

        return urls.Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"]).OfType<string>());
    }

    private static string[] Split(string? list) =>
        list?.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];

    private void Check(IEnumerable<string> addresses)
    {
        if (keys.IsEmpty && addresses.FirstOrDefault(address => !IsLocal(address)) is { } open)
        {
            throw new UnguardedAddressException(open);
        }
    }

    private static bool IsLocal(string address)
    {
        BindingAddress parsed = BindingAddress.Parse(address);
        return parsed.IsUnixPipe || parsed.IsNamedPipe || Access.IsLoopback(parsed.Host);
    }

    [LoggerMessage(
        Level = LogLevel.Warning,
        Message = "no API key is configured: programs on this machine may call everything, other machines may call nothing; set recsys:server:apiKeys to change that")]
    private static partial void LogOpen(ILogger logger);
}

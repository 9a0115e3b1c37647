using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;

namespace RecSys.Cli.Settings;

/// <summary>Checks the addresses at which a server listens, before it starts.</summary>
internal static class ListenUrls
{
    private const int PortMax = 65_535;

    /// <summary>Checks a list of addresses, separated by semicolons.</summary>
    /// <param name="setting">The name of the setting in messages, such as <c>--urls</c>.</param>
    /// <param name="urls">Addresses such as <c>http://127.0.0.1:5080</c>, separated by semicolons.</param>
    /// <returns>The same list.</returns>
    /// <exception cref="CommandException">The list is empty, or an address is invalid; the message says what is allowed.</exception>
    public static string Require(string setting, string urls)
    {
        string[] parts = urls.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length == 0)
        {
            throw new CommandException($"{setting} is empty; write an address such as http://127.0.0.1:5080, or leave it out", ExitCodes.WrongUsage);
        }

        foreach (string url in parts)
        {
            if (Problem(url) is { } problem)
            {
                throw new CommandException($"{setting} is '{url}', which {problem}", ExitCodes.WrongUsage);
            }
        }

        return urls;
    }

    /// <summary>Checks the addresses in the configuration section <c>Kestrel:Endpoints</c>.</summary>
    /// <exception cref="CommandException">An address is invalid.</exception>
    public static void RequireEndpoints(IConfiguration configuration)
    {
        foreach (IConfigurationSection endpoint in configuration.GetSection("Kestrel:Endpoints").GetChildren())
        {
            if (endpoint["Url"] is { } url)
            {
                Require($"{endpoint.Path}:Url", url);
            }
        }
    }

    private static string? Problem(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            return $"is not an address; write {Suggestion(url)}";
        }

        if (address.Scheme is not ("http" or "https"))
        {
            return $"has the scheme '{address.Scheme}'; http and https are allowed, as in http://127.0.0.1:5080";
        }

        if (address.IsUnixPipe || address.IsNamedPipe)
        {
            return null;
        }

        if (address.Host.Length == 0 || address.Host.Contains(' ', StringComparison.Ordinal))
        {
            return "has no valid host; write http://127.0.0.1:5080";
        }

        if (address.Port is < 0 or > PortMax)
        {
            return string.Create(CultureInfo.InvariantCulture, $"has the port {address.Port}; 0 to {PortMax} are allowed");
        }

        // BindingAddress.Parse treats text after the host that is not a port as a part of the host.
        string host = address.Host.StartsWith('[') ? address.Host[(address.Host.IndexOf(']', StringComparison.Ordinal) + 1)..] : address.Host;
        if (host.Contains(':', StringComparison.Ordinal))
        {
            return string.Create(CultureInfo.InvariantCulture, $"has text after its host that is not a port from 0 to {PortMax}; write http://127.0.0.1:5080");
        }

        return address.PathBase.Length > 0 ? $"has the path '{address.PathBase}'; write {address.Scheme}://{address.Host}:{address.Port.ToString(CultureInfo.InvariantCulture)}" : null;
    }

    private static string Suggestion(string url) =>
        url.All(char.IsAsciiDigit) ? $"http://127.0.0.1:{url}"
        : url.Split(':') is [{ Length: > 0 } host, { Length: > 0 } port] && port.All(char.IsAsciiDigit) ? $"http://{host}:{port}"
        : "an address such as http://127.0.0.1:5080";
}

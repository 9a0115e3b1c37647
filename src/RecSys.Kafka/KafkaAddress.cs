using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RecSys.Kafka;

/// <summary>The address of a Kafka cluster: <c>kafka://HOST:PORT,HOST:PORT</c>, some of its brokers.</summary>
/// <param name="Servers">The brokers to ask first, as <c>host:port</c>, separated by commas.</param>
public sealed record KafkaAddress(string Servers)
{
    /// <summary>The scheme of an address.</summary>
    public const string Scheme = "kafka://";

    private const int DefaultPort = 9092;

    /// <summary>Reads an address; the port is 9092 if it is left out.</summary>
    /// <returns>False if it is not an address; <paramref name="problem"/> then has the reason.</returns>
    public static bool TryParse(string? text, [NotNullWhen(true)] out KafkaAddress? address, [NotNullWhen(false)] out string? problem)
    {
        address = null;
        if (text is null || !text.StartsWith(Scheme, StringComparison.Ordinal))
        {
            problem = $"must begin with {Scheme}, as in kafka://broker-1:9092,broker-2:9092";
            return false;
        }

        if (text.Contains('@', StringComparison.Ordinal))
        {
            problem = "must not contain a user or a password; set them in recsys:kafka:options (sasl.username, sasl.password)";
            return false;
        }

        List<string> servers = [];
        foreach (string part in text[Scheme.Length..].TrimEnd('/').Split(','))
        {
            int colon = part.LastIndexOf(':');
            bool hasPort = colon >= 0 && !part.EndsWith(']');
            string host = hasPort ? part[..colon] : part;
            int port = DefaultPort;
            bool isPort = !hasPort || (int.TryParse(part[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and < 65_536);
            if (host.Length == 0 || !isPort || host.AsSpan().ContainsAny(" /?#\t"))
            {
                problem = $"has '{part}' instead of HOST:PORT, as in kafka://broker-1:9092,broker-2:9092";
                return false;
            }

            servers.Add(string.Create(CultureInfo.InvariantCulture, $"{host}:{port}"));
        }

        problem = null;
        address = new KafkaAddress(string.Join(',', servers));
        return true;
    }

    /// <summary>Returns the address as text.</summary>
    public override string ToString() => Scheme + Servers;
}

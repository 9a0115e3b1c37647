using System.Globalization;

namespace RecSys.Actors;

/// <summary>Address of a node: host and port.</summary>
public readonly record struct NodeAddress(string Host, int Port)
{
    /// <summary>Parses HOST:PORT with a port from 1 to 65,535; an IPv6 host is in brackets.</summary>
    public static bool TryParse(string text, out NodeAddress address)
    {
        int colon = text.LastIndexOf(':');
        address = default;
        if (colon <= 0 || !int.TryParse(text.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int port) || port is 0 or > 65_535)
        {
            return false;
        }

        address = new NodeAddress(text[..colon].Trim('[', ']'), port);
        return true;
    }
}

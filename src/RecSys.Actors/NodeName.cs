using Akka.Actor;

namespace RecSys.Actors;

/// <summary>Names of nodes, for people and commands.</summary>
public static class NodeName
{
    /// <summary>The name of a node that no other can reach.</summary>
    public const string Local = "local";

    /// <summary>Returns HOST:PORT of an address, with an IPv6 host in brackets, as <see cref="ActorsOptions.Join"/> takes it; <see cref="Local"/> for a node that no other can reach.</summary>
    public static string Of(Address address)
    {
        ArgumentNullException.ThrowIfNull(address);
        return address.Protocol.EndsWith(Remoting.ClosedTransport.Scheme, StringComparison.Ordinal) ? Local
            : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{(address.Host.Contains(':', StringComparison.Ordinal) ? $"[{address.Host}]" : address.Host)}:{address.Port}");
    }
}

using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace RecSys.Actors.Remoting;

/// <summary>The transport of a single-node cluster: it does not listen and refuses every association.</summary>
/// <remarks>Akka's cluster needs a transport for this node's own address. Messages within a node do not use it.</remarks>
public sealed class ClosedTransport : Transport
{
    internal const string Scheme = "closed";
    private const string Host = "127.0.0.1";
    private const int Port = 1; // a node's address needs a port; no socket listens on it

    /// <summary>Called by Akka by reflection.</summary>
    public ClosedTransport(ActorSystem system, Config config)
    {
        System = system;
        Config = config;
        SchemeIdentifier = Scheme;
        MaximumPayloadBytes = 0;
    }

    /// <inheritdoc/>
    public override Task<(Address, TaskCompletionSource<IAssociationEventListener>)> Listen() =>
        Task.FromResult((
            new Address(Scheme, System.Name, Host, Port),
            new TaskCompletionSource<IAssociationEventListener>(TaskCreationOptions.RunContinuationsAsynchronously)));

    /// <inheritdoc/>
    public override bool IsResponsibleFor(Address remote) => true;

    /// <inheritdoc/>
    public override Task<AssociationHandle> Associate(Address remoteAddress) =>
        Task.FromException<AssociationHandle>(new InvalidAssociationException(
            $"{remoteAddress} cannot be reached: this node forms a cluster on its own; set {ActorsOptions.Section}:port so that it can join others"));

    /// <inheritdoc/>
    public override Task<bool> Shutdown() => Task.FromResult(true);
}

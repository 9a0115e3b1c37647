using System.Collections.Immutable;
using Akka.Actor;
using Akka.Serialization;

namespace RecSys.Actors.Serialization;

/// <summary>Describes the serializer of one layer's messages between nodes. Register it as a service: when the actor system is created, it creates the serializer and binds it to the message types.</summary>
/// <param name="name">Name, unique among all serializers.</param>
/// <param name="create">Creates the serializer for a system.</param>
/// <param name="types">Types of the messages; derived types are included.</param>
public sealed class MessageSerializer(string name, Func<ExtendedActorSystem, Serializer> create, ImmutableHashSet<Type> types)
{
    internal SerializerDetails DetailsFor(ExtendedActorSystem system) => SerializerDetails.Create(name, create(system), types);
}

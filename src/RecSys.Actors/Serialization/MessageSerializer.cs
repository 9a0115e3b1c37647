using System.Collections.Immutable;
using Akka.Actor;
using Akka.Serialization;

namespace RecSys.Actors.Serialization;

/// <summary>The serializer of a layer for messages between nodes; registered as a service, it is bound when the actor system is created.</summary>
/// <param name="name">Name, unique among all serializers.</param>
/// <param name="create">Creates the serializer for a system.</param>
/// <param name="types">Types of the messages; derived types are included.</param>
public sealed class MessageSerializer(string name, Func<ExtendedActorSystem, Serializer> create, ImmutableHashSet<Type> types)
{
    internal SerializerDetails DetailsFor(ExtendedActorSystem system) => SerializerDetails.Create(name, create(system), types);
}

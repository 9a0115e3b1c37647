using System.Collections.Immutable;
using Akka.Actor;
using Akka.Serialization;

namespace RecSys.Actors.Serialization;

/// <summary>A layer's serializer for its messages that cross nodes; registered as a service, it is bound when the system is made.</summary>
/// <param name="name">Its name, unique among all.</param>
/// <param name="create">Makes it for a system.</param>
/// <param name="types">The messages' types; those that derive from one are included.</param>
public sealed class MessageSerializer(string name, Func<ExtendedActorSystem, Serializer> create, ImmutableHashSet<Type> types)
{
    internal SerializerDetails DetailsFor(ExtendedActorSystem system) => SerializerDetails.Create(name, create(system), types);
}

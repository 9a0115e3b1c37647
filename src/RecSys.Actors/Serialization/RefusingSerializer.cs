using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace RecSys.Actors.Serialization;

/// <summary>Replaces Akka's JSON serializer: refuses a type without a registered serializer, by its name.</summary>
/// <remarks>JSON by reflection would serialize the type silently, and fail at its first change.</remarks>
public sealed class RefusingSerializer : Serializer
{
    /// <summary>Created by Akka, which passes the settings of the JSON serializer.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system) => _ = settings;

    /// <summary>The serializer's number; never written.</summary>
    public const int Number = 7_700;

    /// <inheritdoc/>
    public override int Identifier => Number;

    /// <inheritdoc/>
    public override bool IncludeManifest => false;

    /// <inheritdoc/>
    public override byte[] ToBinary(object obj)
    {
        ArgumentNullException.ThrowIfNull(obj);
        throw new NotSupportedException($"{obj.GetType()} has no serializer: bind one in hocon, or keep it on its node");
    }

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, Type type) =>
        throw new NotSupportedException($"{type} has no serializer");
}

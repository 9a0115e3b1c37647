using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace RecSys.Actors.Serialization;

/// <summary>Stands where Akka's JSON serializer would: a type that nobody registered is refused by name.</summary>
/// <remarks>JSON by reflection would carry it without a word, and break at the first change of the type.</remarks>
public sealed class RefusingSerializer : Serializer
{
    /// <summary>Made by Akka, which hands over the settings of the JSON serializer that it stands for.</summary>
    public RefusingSerializer(ExtendedActorSystem system, Config settings)
        : base(system) => _ = settings;

    /// <summary>The number in the bytes; never written.</summary>
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

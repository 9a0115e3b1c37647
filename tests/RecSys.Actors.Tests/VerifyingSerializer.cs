using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Configuration;
using Akka.Serialization;

namespace RecSys.Actors.Tests;

/// <summary>Serializes and deserializes every message between actors (<c>serialize-messages = on</c>).</summary>
/// <remarks>
/// Akka's own messages that never leave their node have no serializer, so a test's system hands those through as they
/// are; ours are refused as in production.
/// </remarks>
public sealed class VerifyingSerializer : Serializer
{
    /// <summary>The HOCON that installs it.</summary>
    public static readonly string Hocon = $"""
        akka.actor.serialize-messages = on
        akka.actor.serializers.json = "{typeof(VerifyingSerializer).FullName}, {typeof(VerifyingSerializer).Assembly.GetName().Name}"
        """;

    private const int NumberBits = 40;

    private static long _systems;

    private readonly ConcurrentDictionary<long, object> _handedThrough = [];

    // Another system's numbers are unknown here, so a message that has no serializer and is sent to another node is detected.
    private long _last = Interlocked.Increment(ref _systems) << NumberBits;

    public VerifyingSerializer(ExtendedActorSystem system, Config settings)
        : base(system) => _ = settings;

    public override int Identifier => 7_799;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj)
    {
        if (!obj.GetType().FullName!.StartsWith("Akka.", StringComparison.Ordinal))
        {
            throw new NotSupportedException($"{obj.GetType()} has no serializer");
        }

        long id = Interlocked.Increment(ref _last);
        _handedThrough[id] = obj;
        return BitConverter.GetBytes(id);
    }

    public override object FromBinary(byte[] bytes, Type type) =>
        _handedThrough.TryRemove(BitConverter.ToInt64(bytes), out object? message)
            ? message
            : throw new InvalidOperationException("a message was read twice, or on another node");
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
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

    // A system may create its serializers twice while it starts (two threads that need them first): both must know the same messages.
    private static readonly ConditionalWeakTable<ActorSystem, HandedThrough> Systems = [];

    private static long _systems;

    private readonly HandedThrough _messages;

    public VerifyingSerializer(ExtendedActorSystem system, Config settings)
        : base(system)
    {
        _ = settings;
        _messages = Systems.GetValue(system, static _ => new HandedThrough());
    }

    public override int Identifier => 7_799;

    public override bool IncludeManifest => false;

    public override byte[] ToBinary(object obj)
    {
        if (!obj.GetType().FullName!.StartsWith("Akka.", StringComparison.Ordinal))
        {
            throw new NotSupportedException($"{obj.GetType()} has no serializer");
        }

        return BitConverter.GetBytes(_messages.Add(obj));
    }

    public override object FromBinary(byte[] bytes, Type type) =>
        _messages.Take(BitConverter.ToInt64(bytes)) ?? throw new InvalidOperationException("a message was read twice, or on another node");

    /// <summary>The messages of one system that are being handed through.</summary>
    private sealed class HandedThrough
    {
        private readonly ConcurrentDictionary<long, object> _byNumber = [];

        // Another system's numbers are unknown here, so a message that has no serializer and is sent to another node is detected.
        private long _last = Interlocked.Increment(ref _systems) << NumberBits;

        public long Add(object message)
        {
            long number = Interlocked.Increment(ref _last);
            _byNumber[number] = message;
            return number;
        }

        public object? Take(long number) => _byNumber.TryRemove(number, out object? message) ? message : null;
    }
}

using Akka.Actor;

namespace RecSys.Speed;

/// <summary>
/// Stops an actor of the region, also for a hand-off to another node: a user saves the unsaved records first, which a PoisonPill would lose; an ingest actor stops
/// once they are saved, and its successor continues from its last checkpoint.
/// </summary>
internal sealed class EntityStop : INoSerializationVerificationNeeded
{
    public static readonly EntityStop Instance = new();
}

using Akka.Actor;

namespace RecSys.Speed.Ingest;

/// <summary>Sees to it that every partition has its ingest actor somewhere in the cluster; one on each node.</summary>
internal sealed class IngestKeeper(IActorRef ingest, int partitionCount) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("look", Look.Instance, TimeSpan.Zero, LookEvery);
    }

    protected override void OnReceive(object message)
    {
        if (message is not Look)
        {
            Unhandled(message);
            return;
        }

        for (int partition = 0; partition < partitionCount; partition++)
        {
            ingest.Tell(new IngestCommands.Run(partition), Self);
        }
    }

    private sealed class Look : INoSerializationVerificationNeeded
    {
        public static readonly Look Instance = new();
    }
}

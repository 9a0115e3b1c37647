using Akka.Actor;

namespace RecSys.Speed.Ingest;

/// <summary>Ensures that each partition has an ingest actor in the cluster; one supervisor runs on each node.</summary>
internal sealed class IngestSupervisor(IActorRef region, int partitionCount) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan EnsureInterval = TimeSpan.FromSeconds(2);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Timers.StartPeriodicTimer("ensure-running", EnsureRunning.Instance, TimeSpan.Zero, EnsureInterval);
    }

    protected override void OnReceive(object message)
    {
        if (message is not EnsureRunning)
        {
            Unhandled(message);
            return;
        }

        for (int partition = 0; partition < partitionCount; partition++)
        {
            region.Tell(new IngestCommands.Run(partition), Self);
        }
    }

    /// <summary>Starts the ingest actors that do not run.</summary>
    public sealed class EnsureRunning : INoSerializationVerificationNeeded
    {
        public static readonly EnsureRunning Instance = new();
    }
}

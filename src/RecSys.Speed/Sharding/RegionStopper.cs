using Akka.Actor;
using Akka.Cluster.Sharding;

namespace RecSys.Speed.Sharding;

/// <summary>Stops the region of a node that shuts down, soon after its last shard has left.</summary>
/// <remarks>
/// A region also waits for a node that takes the shards of the messages it still holds. If all nodes stop, there is none, and each of them would
/// wait for the whole time-out. The messages are not missed: records are sent again, and reads time out.
/// </remarks>
internal sealed class RegionStopper(IActorRef region) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>Time in which a region without shards may deliver its messages; several times its retry-interval (sharding.conf).</summary>
    private static readonly TimeSpan DeliveryMax = TimeSpan.FromSeconds(1);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart()
    {
        Context.Watch(region);
        Self.Tell(Ask.Instance);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Ask:
                region.Tell(GetShardRegionStats.Instance, Self);
                break;
            case ShardRegionStats { Stats.Count: 0, Failed.Count: 0 }:
                Timers.StartSingleTimer("stop", StopRegion.Instance, DeliveryMax);
                break;
            case ShardRegionStats:
                Timers.StartSingleTimer("ask", Ask.Instance, AskEvery);
                break;
            case StopRegion:
                Context.Stop(region);
                break;
            case Terminated:
                Context.Stop(Self);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private sealed class Ask : INoSerializationVerificationNeeded
    {
        public static readonly Ask Instance = new();
    }

    private sealed class StopRegion : INoSerializationVerificationNeeded
    {
        public static readonly StopRegion Instance = new();
    }
}

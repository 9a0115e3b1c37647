using Akka.Actor;
using Akka.Cluster.Sharding;

namespace RecSys.Speed.Metrics;

/// <summary>Asks this node's shards periodically whether they respond.</summary>
internal sealed class ShardProbe(IActorRef users, ShardStatus status) : UntypedActor, IWithTimers
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(15);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("ask", Ask.Instance, AskEvery);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Ask:
                users.Tell(GetShardRegionStats.Instance, Self);
                break;
            case ShardRegionStats stats:
                status.Set(stats.Stats.Count, stats.Failed.Count);
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
}

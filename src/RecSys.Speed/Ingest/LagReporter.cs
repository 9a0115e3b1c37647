using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster;

namespace RecSys.Speed.Ingest;

/// <summary>Sends the lags of this node's partitions to all other nodes, once a second, and receives theirs; one runs on each node.</summary>
internal sealed class LagReporter(IngestStatusRegistry statuses) : UntypedActor, IWithTimers
{
    /// <summary>Name of the actor below the guardian of user-defined actors, the same on each node.</summary>
    public const string Name = "lag";

    private static readonly TimeSpan ReportEvery = TimeSpan.FromSeconds(1);

    private readonly Cluster _cluster = Cluster.Get(Context.System);

    public ITimerScheduler Timers { get; set; } = null!;

    protected override void PreStart() => Timers.StartPeriodicTimer("report", Tick.Instance, ReportEvery);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Tick:
                Report();
                break;
            case LagReport report:
                foreach (PartitionLag lag in report.Lags)
                {
                    statuses.OnReport(lag.Partition, lag.LagMs);
                }

                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Report()
    {
        ImmutableArray<PartitionLag> lags =
        [
            .. statuses.All
                .Where(status => status.Now.LagMs is not null)
                .Select(status => new PartitionLag(status.Partition, status.Now.LagMs!.Value + status.Age.TotalMilliseconds)),
        ];
        if (lags.IsEmpty)
        {
            return;
        }

        foreach (Member member in _cluster.State.Members.Where(member => member.Address != _cluster.SelfAddress))
        {
            Context.ActorSelection(new RootActorPath(member.Address) / "user" / Name).Tell(new LagReport(lags), Self);
        }
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }
}

using Akka.Actor;
using Akka.Cluster;
using RecSys.Actors;
using RecSys.Core.Ports;
using RecSys.Speed.Folds;
using RecSys.Speed.Nodes;

namespace RecSys.Speed;

/// <summary>Rebuilds the trends on all nodes, because every node has its own.</summary>
internal sealed class TrendsOfNodes(RecSysActorSystem actors, NodeFolds folds, TimeProvider time)
{
    private static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(200);

    /// <summary>Time without an answer after which a node is not asked any more.</summary>
    private static readonly TimeSpan SilentMax = TimeSpan.FromSeconds(20);

    /// <summary>Starts the actor that rebuilds this node's trends for other nodes.</summary>
    public Task StartAsync()
    {
        actors.System.ActorOf(Props.Create(() => new TrendsRebuilder(folds.RebuildTrendsAsync)), TrendsRebuilder.Name);
        return Task.CompletedTask;
    }

    /// <summary>Rebuilds the trends of all nodes that are up or join, at the same time; a cancellation ends it on all of them.</summary>
    /// <exception cref="StoreUnavailableException">Other nodes did not rebuild theirs; the message names them.</exception>
    public async Task RebuildAsync(Action<double> report, CancellationToken cancellationToken)
    {
        Cluster cluster = Cluster.Get(actors.System);
        Address[] others = [.. cluster.State.Members.Where(member => member.Status is MemberStatus.Joining or MemberStatus.WeaklyUp or MemberStatus.Up && member.Address != cluster.SelfAddress).Select(member => member.Address)];
        double[] done = new double[others.Length + 1];
        string id = Guid.NewGuid().ToString("N");
        Task<string?>[] away = [.. others.Select((address, index) => RebuildAsync(address, id, share => Report(index + 1, share), cancellationToken))];
        await folds.RebuildTrendsAsync(share => Report(0, share), cancellationToken).ConfigureAwait(false);
        string[] problems = [.. (await Task.WhenAll(away).ConfigureAwait(false)).OfType<string>()];
        if (problems.Length > 0)
        {
            throw new StoreUnavailableException($"the trends of {problems.Length} of {others.Length + 1} nodes were not rebuilt: {string.Join("; ", problems)}; run `recsys rebuild trends` again");
        }

        void Report(int node, double share)
        {
            lock (done)
            {
                done[node] = share;
                report(done.Average());
            }
        }
    }

    /// <summary>Rebuilds the trends of another node, and returns why that failed; null if it did not.</summary>
    private async Task<string?> RebuildAsync(Address address, string id, Action<double> report, CancellationToken cancellationToken)
    {
        NodeActor rebuilder = new(actors.System, address, TrendsRebuilder.Name);
        long answeredAt = time.GetTimestamp();
        try
        {
            while (time.GetElapsedTime(answeredAt) < SilentMax)
            {
                if (await rebuilder.TryAskAsync(new TrendsRebuilder.Rebuild(id), NodeStatus.AnswerMax, cancellationToken).ConfigureAwait(false) is not TrendsRebuilder.State state)
                {
                    continue;
                }

                answeredAt = time.GetTimestamp();
                report(state.Done);
                if (state.IsOver)
                {
                    return state.Problem is null ? null : $"{address}: {state.Problem}";
                }

                await Task.Delay(AskEvery, time, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            rebuilder.Tell(new TrendsRebuilder.Cancel(id)); // a node that does not receive it cancels its rebuild when no further request comes
            throw;
        }

        return $"{address} does not answer";
    }
}

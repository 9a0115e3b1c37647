using RecSys.Client;

namespace RecSys.Eng.Chaos;

/// <summary>Asks nodes for slates at an even pace, and for their readiness and their lags, until it is cancelled.</summary>
internal sealed class ChaosReaders(ChaosCluster cluster, ChaosLedger ledger, ChaosRecord record, ChaosOptions options)
{
    private const int ReadersCount = 6;
    private const int SlatesPerSecond = 60;

    private static readonly TimeSpan ProbedEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan ProbeMax = TimeSpan.FromSeconds(1);

    /// <summary>Runs until it is cancelled.</summary>
    public Task RunAsync(CancellationToken cancellationToken) => Task.WhenAll(
    [
        .. Enumerable.Range(0, ReadersCount).Select(reader => UntilCancelledAsync(() => ReadAsync(reader, cancellationToken))),
        .. cluster.Nodes.Select(node => UntilCancelledAsync(() => ProbeAsync(node, cancellationToken))),
        .. cluster.Nodes.Select(node => UntilCancelledAsync(() => WatchLagsAsync(node, cancellationToken))),
    ]);

    private static async Task UntilCancelledAsync(Func<Task> run)
    {
        try
        {
            await Task.Run(run);
        }
        catch (OperationCanceledException)
        {
            // The run ends.
        }
    }

    private async Task ReadAsync(int reader, CancellationToken cancellationToken)
    {
        Random random = new(options.Seed + 1_000 + reader);
        using PeriodicTimer timer = new(TimeSpan.FromSeconds((double)ReadersCount / SlatesPerSecond), TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            ChaosNode node = cluster.Balanced(random);
            if (node.Client is not { } client)
            {
                continue;
            }

            long began = TimeProvider.System.GetTimestamp();
            try
            {
                RecommendationsResponse slate = await client.GetRecommendationsAsync(ChaosLedger.UserOf(random.Next(ledger.Users)), cancellationToken: cancellationToken);
                record.OnSlate(slate, TimeProvider.System.GetElapsedTime(began));
            }
            catch (RecSysException failure)
            {
                record.OnSlateFailed(node, failure);
            }
        }
    }

    private async Task ProbeAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(ProbedEvery, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(ProbeMax);
            try
            {
                node.IsReady = await ChaosCluster.IsReadyAsync(node, limit.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                node.IsReady = false;
            }

            record.OnProbe(cluster);
        }
    }

    private async Task WatchLagsAsync(ChaosNode node, CancellationToken cancellationToken)
    {
        using PeriodicTimer timer = new(ProbedEvery, TimeProvider.System);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            try
            {
                if (node is { Client: { } client, IsDisturbed: false })
                {
                    PartitionsResponse partitions = await client.GetPartitionsAsync(cancellationToken);
                    foreach (ClusterPartition lag in partitions.Partitions.Where(partition => partition.Node == partitions.Node))
                    {
                        record.OnLag(node, lag);
                    }
                }
            }
            catch (RecSysException)
            {
                // The broker is away, or the node.
            }
        }
    }
}

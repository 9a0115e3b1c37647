using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Core.Diagnostics;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>Loads the champion that another node has set, even if its announcement was lost, and reports in the control store what this node serves.</summary>
internal sealed partial class ServedModelReport(
    ServedModels served, IControlStore control, IBatchJobs jobs, IClusterControl cluster, TimeProvider time, ILogger<ServedModelReport> logger) : BackgroundService
{
    /// <summary>Time between two readings of the aliases without an announced change.</summary>
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(5);

    private readonly LogLimiter _notReported = new();

    /// <summary>Writes the report of this node if it has changed, and deletes those of nodes that are no longer in the cluster.</summary>
    internal async Task ReportAsync(CancellationToken cancellationToken)
    {
        try
        {
            NodeModel now = new(jobs.Node, served.Champion?.Version, served.Fallback?.Reason);
            byte[] value = now.Encode();
            IReadOnlyList<ControlRow> rows = await control.ListAsync(NodeModel.KeyPrefix, cancellationToken);
            ControlRow? own = rows.FirstOrDefault(row => row.Key == now.Key);
            if (own is null || !own.Value.Span.SequenceEqual(value))
            {
                await control.TrySetAsync(now.Key, own?.Version ?? 0, value, cancellationToken);
            }

            if (rows.Any(row => row != own))
            {
                HashSet<string> members = [.. (await cluster.GetStatusAsync(cancellationToken)).Nodes.Select(node => NodeModel.KeyPrefix + node.Address)];
                foreach (ControlRow gone in rows.Where(row => row != own && !members.Contains(row.Key)))
                {
                    await control.TryDeleteAsync(gone.Key, gone.Version, cancellationToken); // a node that is only slow to join writes its row again
                }
            }
        }
        catch (StoreUnavailableException error)
        {
            if (_notReported.TryPass(time, out long leftOut))
            {
                LogNotReported(logger, error, leftOut);
            }
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        using SemaphoreSlim changed = new(0);
        served.Changed += OnChanged;
        served.LoadFailed += OnLoadFailed;
        try
        {
            while (true)
            {
                await ReportAsync(stoppingToken);
                if (!await WaitAsync())
                {
                    await served.RefreshAsync(isChanged: false, stoppingToken);
                }
            }
        }
        finally
        {
            served.Changed -= OnChanged;
            served.LoadFailed -= OnLoadFailed;
        }

        // Returns whether a model was replaced; otherwise the period has passed.
        async Task<bool> WaitAsync()
        {
            using CancellationTokenSource period = new(Period, time);
            using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(period.Token, stoppingToken);
            try
            {
                await changed.WaitAsync(either.Token);
                return true;
            }
            catch (OperationCanceledException) when (!stoppingToken.IsCancellationRequested)
            {
                return false;
            }
        }

        void OnChanged(string name) => changed.Release();

        void OnLoadFailed(ModelVersion version, Exception error) => changed.Release();
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "the served model is not reported to other nodes now; it is retried ({LeftOut} more failures since the last logged one)")]
    private static partial void LogNotReported(ILogger logger, Exception cause, long leftOut);
}

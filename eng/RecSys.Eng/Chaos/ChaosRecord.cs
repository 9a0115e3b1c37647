using System.Globalization;
using RecSys.Client;

namespace RecSys.Eng.Chaos;

/// <summary>What was seen from outside: by second and by step. Safe for concurrent use.</summary>
/// <param name="lagMsMax">The largest lag of a partition whose node is not disturbed, in milliseconds.</param>
internal sealed class ChaosRecord(double lagMsMax)
{
    /// <summary>Heading of <see cref="ChaosSpan.Row"/>.</summary>
    public const string Heading = "| second | step | slates | full | p95 ms | failed | unready | freshness ms | lag of others ms | acknowledged |";

    private const int FailuresKept = 10;
    private const string Full = "full";

    private readonly Lock _gate = new();
    private readonly ChaosNode?[] _hosts = new ChaosNode?[ChaosCluster.Partitions];
    private readonly HashSet<int> _disturbed = [];
    private readonly List<ChaosSpan> _steps = [];
    private readonly List<string> _failures = [];
    private readonly List<string> _lags = [];
    private readonly long _began = TimeProvider.System.GetTimestamp();
    private ChaosSpan _step = new("start");
    private ChaosSpan _second = new("start");
    private bool _areAllDisturbed = true;

    /// <summary>Gets the largest lag of a partition whose node is not disturbed, in milliseconds.</summary>
    public double LagMsMax => lagMsMax;

    /// <summary>Gets the finished steps.</summary>
    public IReadOnlyList<ChaosSpan> Steps
    {
        get
        {
            lock (_gate)
            {
                return [.. _steps];
            }
        }
    }

    /// <summary>Gets the first failed slates of nodes that were not disturbed.</summary>
    public IReadOnlyList<string> Failures
    {
        get
        {
            lock (_gate)
            {
                return [.. _failures];
            }
        }
    }

    /// <summary>Gets the first lags of partitions that were not disturbed which exceed the bar.</summary>
    public IReadOnlyList<string> Lags
    {
        get
        {
            lock (_gate)
            {
                return [.. _lags];
            }
        }
    }

    /// <summary>Begins a step.</summary>
    /// <param name="name">The step.</param>
    /// <param name="areAllDisturbed">Whether it disturbs all nodes, as an outage of the database does: the lags of its time are not judged.</param>
    public void BeginStep(string name, bool areAllDisturbed)
    {
        lock (_gate)
        {
            _steps.Add(_step);
            _step = new ChaosSpan(name);
            _disturbed.Clear();
            _areAllDisturbed = areAllDisturbed;
        }
    }

    /// <summary>Ends the last step.</summary>
    public void End()
    {
        lock (_gate)
        {
            _steps.Add(_step);
        }
    }

    /// <summary>Begins a disturbance of a node: until the step ends, or another node is disturbed, the lags of the partitions that it hosts are not judged.</summary>
    public void Disturb(ChaosNode node)
    {
        lock (_gate)
        {
            _disturbed.Clear();
            for (int partition = 0; partition < _hosts.Length; partition++)
            {
                if (_hosts[partition] == node)
                {
                    _disturbed.Add(partition);
                }
            }
        }
    }

    public void OnSlate(RecommendationsResponse slate, TimeSpan took) => Note(span =>
    {
        span.Slates++;
        span.Full += slate.ServedBy == Full ? 1 : 0;
        span.TookMs.Add(took.TotalMilliseconds);
        span.FreshnessMs = Math.Max(span.FreshnessMs, slate.FreshnessMs ?? 0);
    });

    public void OnSlateFailed(ChaosNode node, RecSysException failure)
    {
        bool isRefused = failure.StatusCode is { } status && (int)status < 500;
        bool isExpected = node.IsDisturbed || isRefused;
        Note(span =>
        {
            span.Failed += isExpected ? 0 : 1;
            span.FailedOfDisturbed += node.IsDisturbed && !isRefused ? 1 : 0;
            span.Refused += isRefused ? 1 : 0;
        });
        if (!isExpected)
        {
            lock (_gate)
            {
                if (_failures.Count < FailuresKept)
                {
                    _failures.Add(string.Create(CultureInfo.InvariantCulture, $"{Second()} s, {_step.Name}, node {node.Number}: {failure.Message}"));
                }
            }
        }
    }

    public void OnWriteFailed(ChaosNode node, RecSysException failure) => Note(span => span.FailedWrites++);

    public void OnAcknowledged(int count) => Note(span => span.Acknowledged += count);

    public void OnProbe(ChaosCluster cluster)
    {
        int unready = cluster.Nodes.Count(node => !node.IsReady);
        Note(span => span.Unready = Math.Max(span.Unready, unready));
    }

    public void OnLag(ChaosNode node, ClusterPartition lag)
    {
        lock (_gate)
        {
            ChaosNode? before = _hosts[lag.Partition];
            _hosts[lag.Partition] = node;
            if (_areAllDisturbed || _disturbed.Contains(lag.Partition) || lag.LagMs is not { } lagMs)
            {
                return;
            }

            if (lagMs > LagMsMax && _lags.Count < FailuresKept)
            {
                _lags.Add(string.Create(
                    CultureInfo.InvariantCulture, $"{Second()} s, {_step.Name}, partition {lag.Partition} of node {node.Number}{(before == node ? "" : $", before of node {before?.Number}")}: {lagMs:N0} ms"));
            }

            Note(span => span.LagOfOthersMs = Math.Max(span.LagOfOthersMs, lagMs));
        }
    }

    /// <summary>Ends a second, and returns its row.</summary>
    public string EndSecond()
    {
        lock (_gate)
        {
            ChaosSpan ended = _second;
            _second = new ChaosSpan(_step.Name);
            return string.Create(CultureInfo.InvariantCulture, $"| {Second()} {ended.Row()}");
        }
    }

    private long Second() => (long)TimeProvider.System.GetElapsedTime(_began).TotalSeconds;

    private void Note(Action<ChaosSpan> change)
    {
        lock (_gate)
        {
            change(_second);
            change(_step);
        }
    }
}

using System.Runtime.CompilerServices;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;

namespace RecSys.TestKit;

/// <summary>An impression log in memory that passes <see cref="ImpressionLogContract"/>. A flush moves queued slates to the durable ones.</summary>
public sealed class InMemoryImpressionLog : IImpressionLog
{
    private readonly List<SlateImpression> _slates;
    private readonly List<SlateImpression> _queued = [];
    private readonly int _queueSlatesMax;

    public InMemoryImpressionLog(int queueSlatesMax = int.MaxValue)
        : this([], queueSlatesMax)
    {
    }

    private InMemoryImpressionLog(List<SlateImpression> slates, int queueSlatesMax)
    {
        _slates = slates;
        _queueSlatesMax = queueSlatesMax;
    }

    public string Place => "impressions";

    /// <summary>Opens another log over the durable slates, as after a crash: queued slates are lost.</summary>
    public InMemoryImpressionLog Reopen() => new(_slates, _queueSlatesMax);

    public bool TryAppend(SlateImpression slate)
    {
        if (slate.Items.Count > Limits.SlateMax)
        {
            throw new ArgumentException($"the slate has {slate.Items.Count} items; at most {nameof(Limits.SlateMax)} = {Limits.SlateMax} are allowed", nameof(slate));
        }

        lock (_slates)
        {
            if (_queued.Count >= _queueSlatesMax)
            {
                return false;
            }

            _queued.Add(slate);
            return true;
        }
    }

    public ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_slates)
        {
            _slates.AddRange(_queued);
            _queued.Clear();
        }

        return ValueTask.CompletedTask;
    }

    public async ValueTask<SlateImpression?> FindAsync(Owner owner, string recommendationId, CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken);
        lock (_slates)
        {
            return _slates.FindLast(slate => slate.Owner == owner && slate.RecommendationId == recommendationId);
        }
    }

    public async IAsyncEnumerable<SlateImpression> ReadAsync(Owner owner, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (SlateImpression slate in ReadAllAsync(cancellationToken))
        {
            if (slate.Owner == owner)
            {
                yield return slate;
            }
        }
    }

    public async IAsyncEnumerable<SlateImpression> ReadAllAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        SlateImpression[] slates;
        lock (_slates)
        {
            slates = [.. _slates];
        }

        await Task.Yield();
        foreach (SlateImpression slate in slates)
        {
            cancellationToken.ThrowIfCancellationRequested();
            yield return slate;
        }
    }

    public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_slates)
        {
            return new(_slates.RemoveAll(slate => slate.Owner == owner) + _queued.RemoveAll(slate => slate.Owner == owner));
        }
    }

    public ValueTask DisposeAsync() => FlushAsync(CancellationToken.None);
}

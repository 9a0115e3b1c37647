using System.Diagnostics.CodeAnalysis;
using Akka.Actor;
using Akka.Coordination;
using RecSys.Core.Ports;

namespace RecSys.Actors.Leases;

/// <summary>Akka's lease on an <see cref="ILeaseTable"/>: after a split, only the nodes on the side that holds it continue (hocon/leases.conf).</summary>
/// <remarks>
/// A held lease is prolonged at each heartbeat interval. It is lost when another owner holds it, or when it could not be prolonged for the heartbeat time-out, counted
/// from before the last call that prolonged it, so that it ends for this node before it ends in the table. If another owner holds the lease, <see cref="Acquire()"/> waits
/// until that owner either prolongs it (then it fails) or lets it expire (then this node takes it). An owner that does not prolong its lease no longer runs, for example the
/// node that decided an earlier split; the rest of its lease must not make this node stop too.
/// </remarks>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "Akka keeps a lease as long as the actor system and disposes of none")]
public sealed class TableLease : Lease
{
    private readonly ILeaseTable _table;
    private readonly TimeProvider _time;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private CancellationTokenSource? _holding;
    private long _prolongedAt;

    /// <summary>Creates the lease; Akka calls it.</summary>
    public TableLease(LeaseSettings settings, ExtendedActorSystem system)
        : base(settings)
    {
        ArgumentNullException.ThrowIfNull(system);
        LeaseTableSetup setup = system.Settings.Setup.Get<LeaseTableSetup>() is { HasValue: true } found
            ? found.Value
            : throw new InvalidOperationException("a lease is configured, but the store of this node has no leases");
        _table = setup.Table;
        _time = setup.Time;
    }

    /// <inheritdoc/>
    public override Task<bool> Acquire() => Acquire(leaseLostCallback: null);

    /// <inheritdoc/>
    public override async Task<bool> Acquire(Action<Exception?>? leaseLostCallback)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!await TakeAsync().ConfigureAwait(false))
            {
                Stop();
                return false;
            }

            if (_holding is null)
            {
                _holding = new CancellationTokenSource();
                _ = HoldAsync(leaseLostCallback, _holding.Token);
            }

            return true;
        }
        catch (Exception error) when (error is StoreUnavailableException or OperationCanceledException)
        {
            throw new LeaseException($"the lease {Settings.LeaseName} cannot be taken now: {error.Message}", error);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override async Task<bool> Release()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            Stop();
            using CancellationTokenSource timeout = new(Settings.TimeoutSettings.OperationTimeout, _time);
            await _table.ReleaseAsync(Settings.LeaseName, Settings.OwnerName, timeout.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception error) when (error is StoreUnavailableException or OperationCanceledException)
        {
            throw new LeaseException($"the lease {Settings.LeaseName} cannot be released now: {error.Message}", error);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public override bool CheckLease() => Volatile.Read(ref _holding) is not null && !IsOver;

    private bool IsOver => _time.GetElapsedTime(Interlocked.Read(ref _prolongedAt)) >= Settings.TimeoutSettings.HeartbeatTimeout;

    /// <summary>Takes the lease, as soon as another owner that no longer prolongs it has lost it.</summary>
    /// <returns>False if the other owner prolongs it.</returns>
    private async Task<bool> TakeAsync()
    {
        long began = _time.GetTimestamp();
        LeaseHolding first = await TakeOnceAsync().ConfigureAwait(false);
        LeaseHolding holding = first;
        while (holding.Owner != Settings.OwnerName)
        {
            // Prolonged, or taken by a third owner: its end is later than it was. A difference below half an interval is the time of the calls.
            if (_time.GetElapsedTime(began) + holding.Left > first.Left + (Settings.TimeoutSettings.HeartbeatInterval / 2))
            {
                return false;
            }

            await Task.Delay(Settings.TimeoutSettings.HeartbeatInterval / 4, _time).ConfigureAwait(false);
            holding = await TakeOnceAsync().ConfigureAwait(false);
        }

        return true;
    }

    private async Task<LeaseHolding> TakeOnceAsync()
    {
        long began = _time.GetTimestamp();
        using CancellationTokenSource timeout = new(Settings.TimeoutSettings.OperationTimeout, _time);
        LeaseHolding holding = await _table
            .TakeAsync(Settings.LeaseName, Settings.OwnerName, Settings.TimeoutSettings.HeartbeatTimeout, timeout.Token).ConfigureAwait(false);
        if (holding.Owner == Settings.OwnerName)
        {
            Interlocked.Exchange(ref _prolongedAt, began);
        }

        return holding;
    }

    private async Task HoldAsync(Action<Exception?>? lost, CancellationToken released)
    {
        using PeriodicTimer timer = new(Settings.TimeoutSettings.HeartbeatInterval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(released).ConfigureAwait(false))
            {
                (bool isLost, Exception? reason) = await ProlongAsync(released).ConfigureAwait(false);
                if (isLost)
                {
                    lost?.Invoke(reason);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The lease was released, or a later Acquire did not get it and has returned false.
        }
    }

    private async Task<(bool IsLost, Exception? Reason)> ProlongAsync(CancellationToken released)
    {
        await _turn.WaitAsync(released).ConfigureAwait(false);
        try
        {
            if (released.IsCancellationRequested)
            {
                return (false, null);
            }

            Exception? reason = null;
            try
            {
                if ((await TakeOnceAsync().ConfigureAwait(false)).Owner == Settings.OwnerName)
                {
                    return (false, null);
                }
            }
            catch (Exception error) when (error is StoreUnavailableException or OperationCanceledException)
            {
                if (!IsOver)
                {
                    return (false, null);
                }

                reason = error;
            }

            Stop();
            return (true, reason);
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Stop()
    {
        _holding?.Cancel();
        _holding?.Dispose();
        _holding = null;
    }
}

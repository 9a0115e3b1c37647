namespace RecSys.Core.Ports;

/// <summary>The holding of a lease.</summary>
/// <param name="Owner">The owner that holds it.</param>
/// <param name="Version">1 for the first holding of the lease, and one more whenever its owner changes.</param>
/// <param name="Left">Time until it ends, by the store's clock.</param>
public readonly record struct LeaseHolding(string Owner, long Version, TimeSpan Left);

/// <summary>Leases that the nodes of an installation share: at most one owner holds a lease at a time.</summary>
/// <remarks>
/// A lease ends by the clock of the store, so that the clocks of nodes do not matter. An owner that counts the duration from the time before its call considers its lease ended before
/// it ends in the store. An adapter is safe for concurrent use and passes <c>LeaseTableContract</c> in RecSys.TestKit.
/// </remarks>
public interface ILeaseTable
{
    /// <summary>The longest name or owner of a lease, in characters.</summary>
    const int TextMax = 200;

    /// <summary>Takes a lease that is free or has ended, or prolongs the owner's own.</summary>
    /// <param name="name">Name of the lease, 1 to <see cref="TextMax"/> characters.</param>
    /// <param name="owner">The owner, 1 to <see cref="TextMax"/> characters.</param>
    /// <param name="duration">Time after which the lease ends unless it is prolonged; above 0.</param>
    /// <param name="cancellationToken">Cancels the wait; the lease may have been taken.</param>
    /// <returns>The holding of the lease: of this owner, or of another, which this call has not changed.</returns>
    /// <exception cref="StoreUnavailableException">The outcome is unknown.</exception>
    ValueTask<LeaseHolding> TakeAsync(string name, string owner, TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Returns the holding of a lease; null if it is free or has ended.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    ValueTask<LeaseHolding?> ReadAsync(string name, CancellationToken cancellationToken);

    /// <summary>Ends a lease if the owner holds it.</summary>
    /// <exception cref="StoreUnavailableException">The outcome is unknown.</exception>
    ValueTask ReleaseAsync(string name, string owner, CancellationToken cancellationToken);
}

using Akka.Actor.Setup;
using RecSys.Core.Ports;

namespace RecSys.Actors.Leases;

/// <summary>Passes the leases to <see cref="TableLease"/>, which Akka creates by reflection.</summary>
/// <param name="table">Table in which the nodes keep their leases.</param>
/// <param name="time">Clock that measures how long a lease is held.</param>
internal sealed class LeaseTableSetup(ILeaseTable table, TimeProvider time) : Setup
{
    public ILeaseTable Table { get; } = table;

    public TimeProvider Time { get; } = time;
}

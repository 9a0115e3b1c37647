using Akka.Actor.Setup;
using RecSys.Core.Ports;

namespace RecSys.Actors.Persistence;

/// <summary>Passes the table to the plug-in, which Akka creates by reflection.</summary>
/// <param name="table">The table of states.</param>
/// <param name="options">The limits of groups.</param>
public sealed class SnapshotTableSetup(ISnapshotTable table, ActorsOptions options) : Setup
{
    /// <summary>Gets the table of states.</summary>
    public ISnapshotTable Table { get; } = table;

    /// <summary>Gets the limits of groups.</summary>
    public ActorsOptions Options { get; } = options;
}

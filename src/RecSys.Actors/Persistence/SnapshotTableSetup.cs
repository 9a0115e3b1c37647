using Akka.Actor.Setup;
using RecSys.Core.Ports;

namespace RecSys.Actors.Persistence;

/// <summary>Hands the table to the plug-in, which Akka makes by reflection.</summary>
/// <param name="table">Where states are kept.</param>
/// <param name="options">The bounds of groups.</param>
public sealed class SnapshotTableSetup(ISnapshotTable table, ActorsOptions options) : Setup
{
    /// <summary>Where states are kept.</summary>
    public ISnapshotTable Table { get; } = table;

    /// <summary>The bounds of groups.</summary>
    public ActorsOptions Options { get; } = options;
}

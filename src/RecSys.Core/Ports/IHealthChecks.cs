using RecSys.Core.Diagnostics;

namespace RecSys.Core.Ports;

/// <summary>Checks of one part of an installation: its files and machine, or the running server.</summary>
public interface IHealthChecks
{
    /// <summary>Runs the checks. A store that cannot be opened is a finding, not an exception.</summary>
    ValueTask<IReadOnlyList<HealthFinding>> CheckAsync(CancellationToken cancellationToken);
}

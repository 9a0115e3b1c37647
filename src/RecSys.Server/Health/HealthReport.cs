using RecSys.Client;
using RecSys.Core.Diagnostics;
using RecSys.Core.Ports;

namespace RecSys.Server.Health;

/// <summary>The findings of checks, as the body that the API and <c>recsys doctor --json</c> return.</summary>
public static class HealthReport
{
    /// <summary>Runs checks and returns their findings in order.</summary>
    public static async ValueTask<HealthResponse> MakeAsync(IEnumerable<IHealthChecks> checks, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checks);
        List<HealthFinding> findings = [];
        foreach (IHealthChecks part in checks)
        {
            findings.AddRange(await part.CheckAsync(cancellationToken).ConfigureAwait(false));
        }

        return new HealthResponse
        {
            Status = WordOf(findings.Count == 0 ? HealthVerdict.Good : findings.Max(finding => finding.Verdict)),
            Checks =
            [
                .. findings.Select(finding => new HealthCheck
                {
                    Check = finding.Check, Verdict = WordOf(finding.Verdict), Found = finding.Found, Command = finding.Command,
                }),
            ],
        };
    }

    private static string WordOf(HealthVerdict verdict) => verdict switch
    {
        HealthVerdict.Good => "ok",
        HealthVerdict.Note => "note",
        _ => "bad",
    };
}

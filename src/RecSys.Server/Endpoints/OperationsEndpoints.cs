using Microsoft.Extensions.Hosting;
using RecSys.Client;
using RecSys.Core.Diagnostics;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Health;
using RecSys.Server.Problems;
using RecSys.Server.Settings;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints of health and status.</summary>
internal sealed class OperationsEndpoints(
    IInteractionLog log,
    IUserProfiles profiles,
    IServedModels models,
    IClusterControl cluster,
    ServingTier tier,
    EffectiveSettings settings,
    IEnumerable<IHealthChecks> checks,
    ISlateEvaluation slates,
    IHostApplicationLifetime lifetime,
    TimeProvider time) : IEndpoints, IDisposable
{
    private const string DataChecked = "check";

    private static readonly TimeSpan ReadyDeadline = TimeSpan.FromSeconds(2);

    private static readonly ChoiceParameter Data = new(
        "data",
        "Whether the data in the log is checked too: unknown items, missing titles, equal times, a single type. The check reads the whole log, so only one such call runs at a time.",
        ["skip", DataChecked],
        "skip");

    private readonly SemaphoreSlim _dataChecks = new(1);

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/health/live", Role.None, LiveAsync)
        {
            Name = "isLive",
            Tag = Tags.Operations,
            Summary = "Reports whether the process answers",
        },
        new("GET", "/health/ready", Role.None, ReadyAsync)
        {
            Name = "isReady",
            Tag = Tags.Operations,
            Summary = "Reports whether user actors answer and ingestion runs; 503 if not, and when the server is about to stop",
        },
        new("GET", "/health", Role.Admin, HealthAsync)
        {
            Name = "getHealth",
            Tag = Tags.Operations,
            Summary = "Returns the findings of the installation's checks: files, machine, ingestion and model, each with the command that repairs it",
            Query = [Data],
            Answer = typeof(HealthResponse),
        },
        new("GET", "/v1/status", Role.Read, StatusAsync)
        {
            Name = "getStatus",
            Tag = Tags.Operations,
            Summary = "Returns a summary of the model, the log and the freshness",
            Answer = typeof(StatusResponse),
        },
        new("GET", "/v1/admin/settings", Role.Admin, SettingsAsync)
        {
            Name = "getSettings",
            Tag = Tags.Operations,
            Summary = "Returns the effective settings and where each was set; secrets are masked",
            Answer = typeof(SettingsResponse),
        },
    ];

    /// <inheritdoc/>
    public void Dispose() => _dataChecks.Dispose();

    private static Task<Problem?> LiveAsync(Call call) => AnswerStateAsync(call, "live");

    private static Task<Problem?> AnswerStateAsync(Call call, string state) =>
        call.AnswerAsync(
            state,
            static (json, status) =>
            {
                json.WriteStartObject();
                json.WriteString("status"u8, status);
                json.WriteEndObject();
            });

    private async Task<Problem?> ReadyAsync(Call call)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
        {
            return Problem.Unavailable("the server is about to stop");
        }

        using CancellationTokenSource timeout = new(ReadyDeadline, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(call.Aborted, timeout.Token);
        return await cluster.IsReadyAsync(deadline.Token).ConfigureAwait(false)
            ? await AnswerStateAsync(call, "ready").ConfigureAwait(false)
            : Problem.Unavailable("user actors do not answer yet, or ingestion has stopped");
    }

    private async Task<Problem?> HealthAsync(Call call)
    {
        if (call.Query.Of(Data) != DataChecked)
        {
            return await AnswerHealthAsync(call, checks).ConfigureAwait(false);
        }

        if (!await _dataChecks.WaitAsync(TimeSpan.Zero, call.Aborted).ConfigureAwait(false))
        {
            return Problem.Overloaded("another call is checking the data, and only one at a time may read the whole log; retry later");
        }

        try
        {
            return await AnswerHealthAsync(call, [.. checks, new DataHealth(log)]).ConfigureAwait(false);
        }
        finally
        {
            _dataChecks.Release();
        }
    }

    private static async Task<Problem?> AnswerHealthAsync(Call call, IEnumerable<IHealthChecks> checks) => await call.AnswerAsync(
        await HealthReport.MakeAsync(checks, call.Aborted).ConfigureAwait(false), RecSysJsonContext.Wire.HealthResponse).ConfigureAwait(false);

    private async Task<Problem?> StatusAsync(Call call)
    {
        LogRange[] ranges = await log.GetRangesAsync(call.Aborted).ConfigureAwait(false);
        ModelCard? champion = models.Champion;
        StatusResponse status = new()
        {
            ModelVersion = champion?.Version.Value,
            ModelAt = champion is null ? null : Rfc3339.ToTime(champion.CreatedAtMs),
            ModelProblem = models.Fallback?.ToString(),
            LogEnd = ranges.Sum(range => range.End - range.Start),
            FreshnessMs = profiles.LagMs,
            ServedBy = tier.Last.Name(),
            ConfidenceFitted = slates.HasFittedConfidence(champion),
            Version = ProductVersion.Text,
        };
        return await call.AnswerAsync(status, RecSysJsonContext.Wire.StatusResponse).ConfigureAwait(false);
    }

    private Task<Problem?> SettingsAsync(Call call) =>
        call.AnswerAsync(new SettingsResponse { Settings = settings.Read() }, RecSysJsonContext.Wire.SettingsResponse);
}

using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving;

internal sealed partial class Recommender
{
    private const string WaitedStageName = "waited";

    private static StageTime WaitedStage(SlateRequest request) => new(WaitedStageName, request.Waited.TotalMilliseconds);

    private static bool IsCacheable(SlateRequest request) => request is { Cursor: null, Items.IsEmpty: true, Exclude.IsEmpty: true, Candidates: null };

    /// <summary>
    /// Starts a slate if there is time, and fewer than <see cref="ServingOptions.SlatesAtOnceMax"/> slates are being computed. Otherwise the answer is a cached or a trending slate, which needs neither
    /// the profile nor the pipeline, and is marked as degraded.
    /// </summary>
    /// <exception cref="OverloadedException">The request waited for <see cref="ServingOptions.RefusedAfterDeadlines"/> deadlines before it was passed on.</exception>
    private ValueTask<Slate> BeginAsync(SlateRequest request, CancellationToken cancellationToken)
    {
        RequestClock clock = Begin(request.Waited);
        if (Admit(clock, request.User is not null || request.After is not null) is not { } problem)
        {
            return AdmittedAsync(request, clock, cancellationToken);
        }

        Slate slate = FromMemory(request, clock, problem, onPage: []);
        _metrics.SlateCreated(slate, clock.Elapsed);
        return new(slate);
    }

    private RequestClock Begin(TimeSpan waited)
    {
        RequestClock clock = new(_time, _options.Deadline, waited);
        return clock.IsPast(ServingOptions.RefusedAfterDeadlines)
            ? throw new OverloadedException(FormattableString.Invariant($"requests wait {waited.TotalMilliseconds:0} ms before they are started"))
            : clock;
    }

    /// <summary>Admits a request, whose end the caller reports to <see cref="SlateAdmission.End"/>.</summary>
    /// <returns>Null if the request was admitted; otherwise the reason.</returns>
    private string? Admit(RequestClock clock, bool readsProfile) =>
        clock.IsPast(readsProfile ? _options.ProfileShare : _options.SourcesEndShare) ? "waited too long"
        : _admission.TryBegin() ? null
        : "too many slates are being computed";

    private async ValueTask<Slate> AdmittedAsync(SlateRequest request, RequestClock clock, CancellationToken cancellationToken)
    {
        try
        {
            return await ServeAsync(request, clock, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _admission.End();
        }
    }

    private Slate FromMemory(SlateRequest request, RequestClock clock, string problem, IReadOnlyList<ItemId> onPage)
    {
        UserReading reading = new(null, request.After is null ? null : false, problem);
        Slate? slate = request.User is { } user && IsCacheable(request) ? FromCache(_hash.Of(user), RequestKeyOf(request), request, reading, onPage) : null;
        if (slate is null)
        {
            using SlateRun run = NewRun(request, reading, clock, lease: null, onPage);
            run.Degrade(problem);
            _pipeline.ReadHistory(run);
            slate = FromLists(request, reading, run);
        }

        return request.Waited > TimeSpan.Zero ? slate with { Stages = [WaitedStage(request)] } : slate;
    }
}

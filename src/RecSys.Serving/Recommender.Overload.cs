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
    /// Starts a slate if there is time and a free place. Otherwise the request is answered at once from memory, without a profile and the pipeline, and marked as degraded;
    /// after <see cref="ServingOptions.RefusedAfterDeadlines"/> deadlines it is refused.
    /// </summary>
    /// <exception cref="OverloadedException">The request waited too long before it was passed on.</exception>
    private ValueTask<Slate> BeginAsync(SlateRequest request, CancellationToken cancellationToken)
    {
        RequestClock clock = new(_time, _options.Deadline, request.Waited);
        if (clock.IsPast(ServingOptions.RefusedAfterDeadlines))
        {
            throw new OverloadedException(FormattableString.Invariant($"requests wait {request.Waited.TotalMilliseconds:0} ms before they are started"));
        }

        bool readsViews = request.User is not null || request.After is not null;
        bool isLate = clock.IsPast(readsViews ? _options.ProfileShare : _options.SourcesEndShare);
        if (!isLate && _admission.TryBegin())
        {
            return AdmittedAsync(request, clock, cancellationToken);
        }

        Slate slate = FromMemory(request, clock, isLate ? "waited too long" : "too many slates at once");
        _metrics.Made(slate, clock.Elapsed);
        return new(slate);
    }

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

    private Slate FromMemory(SlateRequest request, RequestClock clock, string problem)
    {
        Views views = new(null, request.After is null ? null : false, problem);
        Slate? slate = request.User is { } user && IsCacheable(request) ? FromCache(_hash.Of(user), ShapeOf(request), request, views) : null;
        if (slate is null)
        {
            SlateScratch scratch = _scratch.Rent();
            SlateRun run = NewRun(request, views, clock, scratch, lease: null);
            try
            {
                run.Degrade(problem);
                _pipeline.ReadHistory(run);
                slate = FromLists(request, views, run);
            }
            finally
            {
                scratch.Clear(run.HistoryCount);
                _scratch.Return(scratch);
            }
        }

        return request.Waited > TimeSpan.Zero ? slate with { Stages = [WaitedStage(request)] } : slate;
    }
}

using RecSys.Core.Jobs;
using Xunit;

namespace RecSys.Batch.Tests;

/// <summary>A kind of job that begins, reports and ends as a test decides; several nodes may run it.</summary>
internal sealed class GivenJob(JobKind kind)
{
    private readonly SemaphoreSlim _began = new(0);
    private volatile TaskCompletionSource<JobOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;
    private int _atOnce;
    private int _mostAtOnce;

    public JobDefinition Definition => new(kind, [], RunAsync);

    /// <summary>The number of runs that began.</summary>
    public int Runs => _runs;

    /// <summary>The most runs at once.</summary>
    public int MostAtOnce => _mostAtOnce;

    public JobRequest? Request { get; private set; }

    public Action<JobProgress>? Progress { get; private set; }

    /// <summary>Waits for the next run.</summary>
    public async Task BeganAsync() =>
        Assert.True(await _began.WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken), "the job did not begin");

    public void Finish(string message = "done") => _outcome.TrySetResult(new JobOutcome(message));

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        int atOnce = Interlocked.Increment(ref _atOnce);
        _mostAtOnce = Math.Max(_mostAtOnce, atOnce);
        Request = request;
        Progress = progress;
        _began.Release();
        try
        {
            return await _outcome.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _atOnce);
        }
    }
}

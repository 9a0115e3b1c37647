using System.Threading.Channels;
using RecSys.Core.Jobs;
using Xunit;

namespace RecSys.Batch.Tests;

/// <summary>A job whose progress and end a test determines. Several nodes may run it.</summary>
internal sealed class GivenJob(JobKind kind)
{
    private readonly Channel<JobRequest> _began = Channel.CreateBounded<JobRequest>(1_000);
    private volatile TaskCompletionSource<JobOutcome> _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _runs;
    private int _atOnce;
    private int _mostAtOnce;

    public JobDefinition Definition => new(kind, [], RunAsync);

    /// <summary>Gets the number of runs that were started.</summary>
    public int Runs => _runs;

    /// <summary>Gets the largest number of runs at the same time.</summary>
    public int MostAtOnce => _mostAtOnce;

    public JobRequest? Request { get; private set; }

    public Action<JobProgress>? Progress { get; private set; }

    /// <summary>Waits until the next run is started.</summary>
    public async Task BeganAsync() =>
        await _began.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TestContext.Current.CancellationToken);

    public void Finish(string message = "done") => _outcome.TrySetResult(new JobOutcome(message));

    private async Task<JobOutcome> RunAsync(JobRequest request, Action<JobProgress> progress, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _runs);
        int atOnce = Interlocked.Increment(ref _atOnce);
        _mostAtOnce = Math.Max(_mostAtOnce, atOnce);
        Request = request;
        Progress = progress;
        _began.Writer.TryWrite(request);
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

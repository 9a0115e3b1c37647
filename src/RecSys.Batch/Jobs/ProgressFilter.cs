using RecSys.Core.Jobs;

namespace RecSys.Batch.Jobs;

/// <summary>Forwards progress when its stage changes, and when it is at least one percentage point above the last forwarded value. Safe for concurrent use.</summary>
internal sealed class ProgressFilter(Action<JobProgress> tell)
{
    private const double Step = 0.01;

    private readonly Lock _gate = new();
    private string? _stage;
    private double _done = -1;

    public void Tell(JobProgress progress)
    {
        lock (_gate)
        {
            if (progress.Stage == _stage && progress.Done < _done + Step)
            {
                return;
            }

            _stage = progress.Stage;
            _done = progress.Done;
        }

        tell(progress);
    }
}

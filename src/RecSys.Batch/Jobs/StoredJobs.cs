using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Logging;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Batch.Jobs;

/// <summary>A job and the version of its row.</summary>
internal readonly record struct JobRow(StoredJob Job, long Version);

/// <summary>The jobs in the control store.</summary>
/// <remarks>Safe for concurrent use. A row that cannot be decoded is logged once for each of its versions, and is treated as absent.</remarks>
internal sealed partial class StoredJobs(IControlStore store, ILogger<StoredJobs> log)
{
    // The decoded rows by key, kept because most rows do not change between two lists. The job is null if the row cannot be decoded.
    private readonly ConcurrentDictionary<string, (long Version, StoredJob? Job)> _decoded = new(StringComparer.Ordinal);

    private Action? _changed;

    /// <summary>Raised after a job, or the coordinator that claims the jobs, was changed by this process or another one. A handler must not block.</summary>
    public event Action? Changed
    {
        add
        {
            lock (_decoded)
            {
                if (_changed is null)
                {
                    store.Changed += OnChanged;
                }

                _changed += value;
            }
        }

        remove
        {
            lock (_decoded)
            {
                _changed -= value;
                if (_changed is null)
                {
                    store.Changed -= OnChanged;
                }
            }
        }
    }

    /// <summary>Raises <see cref="Changed"/> although no row was changed.</summary>
    public void Announce() => _changed?.Invoke();

    /// <summary>Returns all jobs, in no particular order.</summary>
    public async ValueTask<IReadOnlyList<JobRow>> ListAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ControlRow> rows = await store.ListAsync(StoredJob.KeyPrefix, cancellationToken).ConfigureAwait(false);
        foreach (string gone in _decoded.Keys.Except(rows.Select(row => row.Key), StringComparer.Ordinal))
        {
            _decoded.TryRemove(gone, out _);
        }

        return [.. rows.Select(row => (Job: Decoded(row), row.Version)).Where(row => row.Job is not null).Select(row => new JobRow(row.Job!, row.Version))];
    }

    /// <summary>Returns a job; null if there is none with the id.</summary>
    public async ValueTask<JobRow?> GetAsync(string id, CancellationToken cancellationToken)
    {
        string key = StoredJob.KeyPrefix + id;
        return ControlRow.IsKey(key) && await store.GetAsync(key, cancellationToken).ConfigureAwait(false) is { } row && Decoded(row) is { } job
            ? new JobRow(job, row.Version)
            : null;
    }

    /// <summary>Queues a job, or returns the queued or running one of the same kind and parameters.</summary>
    /// <param name="request">The kind and the parameters of the job.</param>
    /// <param name="isAsked">Whether a caller asked for the job; false for a scheduled one.</param>
    /// <param name="nowMs">The current time, in milliseconds since 1970, UTC.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="OverloadedException"><see cref="JobRules.QueuedMax"/> jobs are queued.</exception>
    public async ValueTask<StoredJob> AddAsync(JobRequest request, bool isAsked, long nowMs, CancellationToken cancellationToken)
    {
        for (int number = 1; ; number++)
        {
            StoredJob[] jobs = [.. (await ListAsync(cancellationToken).ConfigureAwait(false)).Select(row => row.Job)];
            if (JobRules.FindSame(jobs, request) is { } same)
            {
                if (!isAsked || same.IsAsked
                    || await ChangeAsync(same.Status.Id, job => JobRules.IsOver(job) ? job : job with { IsAsked = true }, cancellationToken).ConfigureAwait(false) is not null)
                {
                    return same;
                }

                continue; // the same job ended meanwhile, and its row was deleted
            }

            if (!JobRules.HasRoom(jobs))
            {
                throw new OverloadedException($"{JobRules.QueuedMax} jobs are queued, and no more are allowed; wait until one ends, or cancel one");
            }

            StoredJob queued = JobRules.Queued(jobs, request, isAsked, nowMs, number);
            if (await TrySetAsync(queued, 0, cancellationToken).ConfigureAwait(false) is not null)
            {
                return queued;
            }
        }
    }

    /// <summary>Changes a job. If another change of the row comes first, <paramref name="change"/> is called again with the new row.</summary>
    /// <returns>The changed job; null if there is none with the id.</returns>
    public async ValueTask<StoredJob?> ChangeAsync(string id, Func<StoredJob, StoredJob> change, CancellationToken cancellationToken)
    {
        while (await GetAsync(id, cancellationToken).ConfigureAwait(false) is { } row)
        {
            StoredJob changed = change(row.Job);
            if (changed == row.Job || await TrySetAsync(changed, row.Version, cancellationToken).ConfigureAwait(false) is not null)
            {
                return changed;
            }
        }

        return null;
    }

    /// <summary>Stores a job if its row has the given version; version 0 creates the row.</summary>
    /// <returns>The new version; null if the row was changed meanwhile.</returns>
    public ValueTask<long?> TrySetAsync(StoredJob job, long version, CancellationToken cancellationToken) =>
        store.TrySetAsync(job.Key, version, StoredJobCodec.Encode(job), cancellationToken);

    /// <summary>Deletes a job if its row has the given version.</summary>
    public ValueTask<bool> TryDeleteAsync(JobRow row, CancellationToken cancellationToken) => store.TryDeleteAsync(row.Job.Key, row.Version, cancellationToken);

    /// <summary>Returns the name of the coordinator that claimed the jobs last, and the version of the claim; an empty name and 0 if no coordinator has claimed them.</summary>
    public async ValueTask<(string Name, long Version)> CoordinatorAsync(CancellationToken cancellationToken) =>
        await store.GetAsync(StoredJob.CoordinatorKey, cancellationToken).ConfigureAwait(false) is { } row
            ? (Encoding.UTF8.GetString(row.Value.Span), row.Version)
            : ("", 0);

    /// <summary>Claims the jobs for a coordinator if the claim has the given version.</summary>
    /// <returns>Whether the coordinator has claimed the jobs; false if another one was faster.</returns>
    public async ValueTask<bool> TryClaimAsync(string coordinator, long version, CancellationToken cancellationToken) =>
        await store.TrySetAsync(StoredJob.CoordinatorKey, version, Encoding.UTF8.GetBytes(coordinator), cancellationToken).ConfigureAwait(false) is not null;

    private StoredJob? Decoded(ControlRow row)
    {
        if (_decoded.TryGetValue(row.Key, out (long Version, StoredJob? Job) known) && known.Version == row.Version)
        {
            return known.Job;
        }

        StoredJob? job = null;
        try
        {
            job = StoredJobCodec.Decode(row.Value.Span);
        }
        catch (Exception error) when (error is CorruptRecordException or NotSupportedException)
        {
            LogUnreadable(row.Key, error.Message);
        }

        _decoded[row.Key] = (row.Version, job);
        return job;
    }

    private void OnChanged(string key)
    {
        if (key == StoredJob.CoordinatorKey || key.StartsWith(StoredJob.KeyPrefix, StringComparison.Ordinal))
        {
            _changed?.Invoke();
        }
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "the row {Key} of the control store is left out of the jobs: {Reason}")]
    private partial void LogUnreadable(string key, string reason);
}

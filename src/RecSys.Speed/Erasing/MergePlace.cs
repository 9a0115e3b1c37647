using System.Collections.Concurrent;
using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Users;

namespace RecSys.Speed.Erasing;

/// <summary>The profiles of users into which an erased person was merged: each gets a record in the log that undoes the merge, and is saved.</summary>
/// <remarks>
/// The merges are found by reading the log up to the erasure, before the log's own erasure overwrites them. After a crash in between, the records
/// are appended again, which changes nothing.
/// </remarks>
internal sealed class MergePlace(SpeedLayer layer, IInteractionLog log, SpeedOptions options, TimeProvider time) : IErasable
{
    private const int ReadRecords = 10_000;

    // The records that were appended for an unfinished erasure, so that a retry does not append them again.
    private readonly ConcurrentDictionary<(Owner From, LogPosition UpTo), List<(Owner Target, RecordPosition Record)>> _appended = new();

    public string Place => "merges";

    public bool IsShared => true;

    public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        if (!_appended.TryGetValue((owner, upTo), out List<(Owner Target, RecordPosition Record)>? records))
        {
            records = [];
            foreach (Owner target in await FindTargetsAsync(owner, upTo, cancellationToken).ConfigureAwait(false))
            {
                records.Add((target, await AppendAsync(target, owner, upTo, cancellationToken).ConfigureAwait(false)));
            }

            _appended[(owner, upTo)] = records;
        }

        foreach ((Owner target, RecordPosition record) in records)
        {
            await WaitAsync(target, record, cancellationToken).ConfigureAwait(false);
        }

        _appended.TryRemove((owner, upTo), out _);
        return records.Count;
    }

    /// <summary>Finds the users into which a user was merged, up to a position.</summary>
    private async Task<HashSet<Owner>> FindTargetsAsync(Owner from, LogPosition upTo, CancellationToken cancellationToken)
    {
        HashSet<Owner> targets = [];
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken).ConfigureAwait(false);
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            using ILogReader reader = log.OpenReader(partition, ranges[partition].Start);
            for (long next = reader.Next; next < ranges[partition].End && upTo.Covers(At(partition, next)); next = reader.Next)
            {
                LogChunk chunk = await reader.ReadAsync(ReadRecords, cancellationToken).ConfigureAwait(false);
                if (chunk.Next == next)
                {
                    break;
                }

                foreach (LogEntry entry in chunk.Entries)
                {
                    if (LogRecordCodec.KindOf(entry.Bytes.Span) == LogRecord.Kind.UsersMerged
                        && upTo.Covers(At(partition, entry.Offset))
                        && LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner target)
                        && LogRecordCodec.Decode(entry.Bytes.Span) is LogRecord.UsersMerged merged
                        && merged.FromOwner == from
                        && target != from)
                    {
                        targets.Add(target);
                    }
                }
            }
        }

        return targets;
    }

    private async Task<RecordPosition> AppendAsync(Owner target, Owner from, LogPosition upTo, CancellationToken cancellationToken)
    {
        LogRecord record = new LogRecord.MergeErased(target, from, upTo, time.GetUtcNow().ToUnixTimeMilliseconds());
        LogPosition position = await log.AppendAsync([record], cancellationToken).ConfigureAwait(false);
        int partition = Enumerable.Range(0, position.PartitionCount).First(partition => position[partition] >= 0);
        return At(partition, position[partition]);
    }

    private async Task WaitAsync(Owner target, RecordPosition record, CancellationToken cancellationToken)
    {
        try
        {
            object answer = await layer.Region
                .Ask<object>(new UserQueries.AwaitSaved(target, record), options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
            if (answer is not UserReplies.Erased)
            {
                throw new StoreUnavailableException($"a merge cannot be undone now: {(answer as UserReplies.Unavailable)?.Reason}");
            }
        }
        catch (AskTimeoutException e)
        {
            throw new StoreUnavailableException("the actor of a user has not undone a merge yet", e);
        }
    }

    private RecordPosition At(int partition, long offset) => new(log.Shape.Epoch, partition, offset);
}

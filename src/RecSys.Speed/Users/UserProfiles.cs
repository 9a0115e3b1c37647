using System.Collections.Immutable;
using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Ingest;

namespace RecSys.Speed.Users;

/// <summary>Reads profiles from the users' actors, and waits where a read must reflect a log position.</summary>
internal sealed class UserProfiles(SpeedLayer layer, OwnerHash hash, IInteractionLog log, SpeedOptions options) : IUserProfiles, IMergedUsers
{
    /// <summary>Time for which a read still waits for the current profile if its deadline passed during the wait for a position.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    /// <summary>Time for which a user's actor may lack records that were sent to it before the ingest actor is asked to probe it.</summary>
    private static readonly TimeSpan ProbeAfter = TimeSpan.FromMilliseconds(50);

    public double? LagMs => layer.IngestStatuses.LagMs;

    public async ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken)
    {
        Owner owner = hash.Of(user);
        ProfileReading reading = await ReadAsync(owner, after, cancellationToken).ConfigureAwait(false);
        if (reading.Profile.Aliases.IsEmpty)
        {
            return reading;
        }

        (List<(Owner Owner, UserProfile Profile)> merged, bool isReflected, bool hasMore) =
            await FollowAsync(owner, reading, after, Limits.AliasesMax, cancellationToken).ConfigureAwait(false);
        if (hasMore)
        {
            layer.Counters.CountMergeCut();
        }

        return new ProfileReading(UserProfile.Merge(reading.Profile, [.. merged.Select(user => user.Profile)]), isReflected)
        {
            Own = reading.Profile,
            MergedOwners = [.. merged.Select(user => user.Owner)],
            HasMoreMerged = hasMore,
        };
    }

    public async ValueTask<(ImmutableArray<Owner> Owners, bool IsReflected)> FindAsync(UserId user, LogPosition after, CancellationToken cancellationToken)
    {
        Owner owner = hash.Of(user);
        ProfileReading reading = await ReadAsync(owner, after, cancellationToken).ConfigureAwait(false);
        (List<(Owner Owner, UserProfile Profile)> merged, bool isReflected, _) =
            await FollowAsync(owner, reading, after, Limits.MergedMax + 1, cancellationToken).ConfigureAwait(false);
        return ([.. merged.Select(other => other.Owner)], isReflected);
    }

    /// <summary>Reads the users that were merged into a user, directly or through others: breadth first, each once, at most <paramref name="usersMax"/>.</summary>
    private async Task<(List<(Owner Owner, UserProfile Profile)> Merged, bool IsReflected, bool HasMore)> FollowAsync(
        Owner owner, ProfileReading target, LogPosition? after, int usersMax, CancellationToken cancellationToken)
    {
        HashSet<Owner> known = [owner];
        List<(Owner Owner, UserProfile Profile)> merged = [];
        Queue<UserAlias> next = new(target.Profile.Aliases);
        bool isReflected = target.IsReflected;
        while (merged.Count < usersMax && next.TryDequeue(out UserAlias? alias))
        {
            if (!known.Add(alias.Owner))
            {
                continue;
            }

            ProfileReading reading = await ReadAsync(alias.Owner, after, cancellationToken).ConfigureAwait(false);
            isReflected &= reading.IsReflected;
            merged.Add((alias.Owner, reading.Profile));
            foreach (UserAlias further in reading.Profile.Aliases)
            {
                next.Enqueue(further);
            }
        }

        return (merged, isReflected, next.Any(alias => !known.Contains(alias.Owner)));
    }

    private async Task<ProfileReading> ReadAsync(Owner owner, LogPosition? after, CancellationToken cancellationToken)
    {
        if (after is null)
        {
            return new ProfileReading(await AskAsync(owner, [], verifyRevision: false, options.AnswerTimeout, cancellationToken).ConfigureAwait(false), IsReflected: true);
        }

        try
        {
            if (await WantedAsync(owner, after, cancellationToken).ConfigureAwait(false) is var (wanted, verifyRevision))
            {
                UserProfile profile = await AskAsync(owner, wanted, verifyRevision, options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
                return new ProfileReading(profile, IsReflected: true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or AskTimeoutException)
        {
            // The deadline passed during the wait: answer with the current profile, and report that it does not reflect the position.
        }

        return new ProfileReading(await AskAsync(owner, [], verifyRevision: false, Grace, CancellationToken.None).ConfigureAwait(false), IsReflected: false);
    }

    /// <summary>Returns the records that the user's actor must have to reflect a position; none if the position is of an earlier epoch, null if it is of a later one or beyond the end of the log.</summary>
    private async Task<(ImmutableArray<RecordPosition> Records, bool VerifyRevision)?> WantedAsync(Owner owner, LogPosition after, CancellationToken cancellationToken)
    {
        LogShape shape = log.Shape;
        if (after.Epoch > shape.Epoch)
        {
            return null;
        }

        // All records of a user are in one partition, except erasures, which are in each.
        int partition = shape.PartitionOf(owner);
        if (after.Epoch < shape.Epoch || after[partition] < 0)
        {
            return ([], false);
        }

        if (log.KnowsEnd && after[partition] >= (await log.GetRangesAsync(cancellationToken).ConfigureAwait(false))[partition].End)
        {
            return null;
        }

        IngestReplies.Sent sent = await layer.Region
            .Ask<IngestReplies.Sent>(new IngestCommands.GetSent(partition, owner, after[partition]), options.AnswerTimeout, cancellationToken)
            .ConfigureAwait(false);
        return (sent.Offset >= 0 ? [new RecordPosition(shape.Epoch, partition, sent.Offset)] : [], !sent.IsKnown);
    }

    /// <summary>
    /// Requests probes of the user's actor until it answers. An actor lacks records that were sent to it if it stopped after it had confirmed them, if messages were lost in a
    /// hand-off, or if it loaded before another incarnation saved. Without a probe it would get them late.
    /// </summary>
    private async Task ProbeIfLateAsync(Owner owner, ImmutableArray<RecordPosition> wanted, Task asked)
    {
        for (TimeSpan wait = ProbeAfter; await IsLateAsync(asked, wait).ConfigureAwait(false); wait *= 2)
        {
            foreach (RecordPosition position in wanted)
            {
                layer.Region.Tell(new IngestCommands.ProbeAgain(position.Partition, owner), ActorRefs.NoSender);
            }
        }
    }

    /// <summary>Waits for an answer, and returns whether it is still missing. Throws neither on a time-out nor on a failure of the answer.</summary>
    internal static async Task<bool> IsLateAsync(Task asked, TimeSpan wait)
    {
        await asked.WaitAsync(wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !asked.IsCompleted;
    }

    private async Task<UserProfile> AskAsync(
        Owner owner, ImmutableArray<RecordPosition> wanted, bool verifyRevision, TimeSpan timeout, CancellationToken cancellationToken)
    {
        object answer;
        try
        {
            Task<object> asked = layer.Region.Ask<object>(new UserQueries.GetProfile(owner, wanted, verifyRevision), timeout, cancellationToken);
            if (!wanted.IsEmpty)
            {
                await ProbeIfLateAsync(owner, wanted, asked).ConfigureAwait(false);
            }

            answer = await asked.ConfigureAwait(false);
        }
        catch (AskTimeoutException e)
        {
            throw new StoreUnavailableException($"the user's actor did not answer within {timeout.TotalMilliseconds} ms", e);
        }

        return answer switch
        {
            UserReplies.Profile profile => profile.Value,
            UserReplies.Unavailable unavailable => throw new StoreUnavailableException($"the user's actor cannot answer: {unavailable.Reason}"),
            _ => throw new InvalidOperationException($"the user's actor answered {answer.GetType()}"),
        };
    }
}

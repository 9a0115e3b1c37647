using System.Collections.Immutable;
using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Ingest;

namespace RecSys.Speed.Users;

/// <summary>Reads profiles from the users' actors, and waits where a reader wants to see what they wrote.</summary>
internal sealed class UserProfiles(SpeedLayer layer, OwnerHash hash, IInteractionLog log, SpeedOptions options) : IUserProfiles
{
    /// <summary>How long a reader whose deadline passed while they waited for their own write still waits for what there is.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(20);

    /// <summary>How long a user's actor may lack what it was told before the ingest actor is asked to look after it.</summary>
    private static readonly TimeSpan RemindAfter = TimeSpan.FromMilliseconds(50);

    public double? LagMs => layer.Board.LagMs;

    public async ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken)
    {
        Owner owner = hash.Of(user);
        ProfileReading reading = await ReadAsync(owner, after, cancellationToken).ConfigureAwait(false);
        return reading.Profile.Aliases.IsEmpty ? reading : await MergeAsync(owner, reading, after, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds the histories of those who were merged into a user, and of those who were merged into them before.</summary>
    private async Task<ProfileReading> MergeAsync(Owner owner, ProfileReading target, LogPosition? after, CancellationToken cancellationToken)
    {
        HashSet<Owner> known = [owner];
        List<UserProfile> aliases = [];
        ImmutableArray<Owner>.Builder owners = ImmutableArray.CreateBuilder<Owner>();
        Queue<UserAlias> next = new(target.Profile.Aliases);
        bool isReflected = target.IsReflected;
        while (aliases.Count < Limits.AliasesMax && next.TryDequeue(out UserAlias? alias))
        {
            if (!known.Add(alias.Owner))
            {
                continue;
            }

            ProfileReading reading = await ReadAsync(alias.Owner, after, cancellationToken).ConfigureAwait(false);
            isReflected &= reading.IsReflected;
            aliases.Add(reading.Profile);
            owners.Add(alias.Owner);
            foreach (UserAlias further in reading.Profile.Aliases)
            {
                next.Enqueue(further);
            }
        }

        return new ProfileReading(UserProfile.Merge(target.Profile, aliases), isReflected) { Own = target.Profile, MergedOwners = owners.ToImmutable() };
    }

    private async Task<ProfileReading> ReadAsync(Owner owner, LogPosition? after, CancellationToken cancellationToken)
    {
        if (after is null)
        {
            return new ProfileReading(await AskAsync(owner, [], isToBeSure: false, options.AnswerTimeout, cancellationToken).ConfigureAwait(false), IsReflected: true);
        }

        try
        {
            if (await WantedAsync(owner, after, cancellationToken).ConfigureAwait(false) is var (wanted, isToBeSure))
            {
                UserProfile profile = await AskAsync(owner, wanted, isToBeSure, options.AnswerTimeout, cancellationToken).ConfigureAwait(false);
                return new ProfileReading(profile, IsReflected: true);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or AskTimeoutException)
        {
            // The deadline passed while waiting: what is there is better than nothing, and says that it is not all.
        }

        return new ProfileReading(await AskAsync(owner, [], isToBeSure: false, Grace, CancellationToken.None).ConfigureAwait(false), IsReflected: false);
    }

    /// <summary>What the user's actor must have so that a position is reflected; null for a position that this log does not know.</summary>
    private async Task<(ImmutableArray<RecordPosition> Records, bool VerifyRevision)?> WantedAsync(Owner owner, LogPosition after, CancellationToken cancellationToken)
    {
        LogShape shape = log.Shape;
        if (after.Epoch > shape.Epoch)
        {
            return null;
        }

        bool isToBeSure = false;
        ImmutableArray<RecordPosition>.Builder wanted = ImmutableArray.CreateBuilder<RecordPosition>();
        for (int partition = 0; after.Epoch == shape.Epoch && partition < Math.Min(after.PartitionCount, shape.PartitionCount); partition++)
        {
            if (after[partition] < 0)
            {
                continue;
            }

            IngestReplies.Sent sent = await layer.Ingest
                .Ask<IngestReplies.Sent>(new IngestCommands.GetSent(partition, owner, after[partition]), options.AnswerTimeout, cancellationToken)
                .ConfigureAwait(false);
            isToBeSure |= !sent.IsKnown;
            if (sent.Offset >= 0)
            {
                wanted.Add(new RecordPosition(shape.Epoch, partition, sent.Offset));
            }
        }

        return (wanted.ToImmutable(), isToBeSure);
    }

    /// <summary>An actor that died after it had answered for a record, or that loaded before another saved it, gets the record from nobody before long.</summary>
    private async Task RemindIfLateAsync(Owner owner, ImmutableArray<RecordPosition> wanted, Task asked)
    {
        if (await IsLateAsync(asked, RemindAfter).ConfigureAwait(false))
        {
            foreach (RecordPosition position in wanted)
            {
                layer.Ingest.Tell(new IngestCommands.Remind(position.Partition, owner), ActorRefs.NoSender);
            }
        }
    }

    /// <summary>Waits for an answer, and returns whether it is still missing then. It throws neither a time-out nor the answer's own failure.</summary>
    internal static async Task<bool> IsLateAsync(Task asked, TimeSpan wait)
    {
        await asked.WaitAsync(wait).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !asked.IsCompleted;
    }

    private async Task<UserProfile> AskAsync(
        Owner owner, ImmutableArray<RecordPosition> wanted, bool isToBeSure, TimeSpan timeout, CancellationToken cancellationToken)
    {
        object answer;
        try
        {
            Task<object> asked = layer.Users.Ask<object>(new UserQueries.GetProfile(owner, wanted, isToBeSure), timeout, cancellationToken);
            if (!wanted.IsEmpty)
            {
                await RemindIfLateAsync(owner, wanted, asked).ConfigureAwait(false);
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

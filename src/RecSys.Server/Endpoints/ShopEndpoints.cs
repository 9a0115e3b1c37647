using System.Runtime.InteropServices;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints by which a page learns about an installation: its interaction types and its most recently active users.</summary>
internal sealed class ShopEndpoints(IInteractionLog log, InteractionTypes types) : IEndpoints
{
    /// <summary>The largest number of records of the log that an answer reads, over all partitions.</summary>
    public const int RecordsMax = 2_000;

    private static readonly WholeParameter Count = new("count", "The number of users.", 1, 100, 20);

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/interaction-types", Role.Read, TypesAsync)
        {
            Name = "listInteractionTypes",
            Tag = Tags.Interactions,
            Summary = "Returns the configured types of interactions, in the order of the settings",
            Answer = typeof(InteractionTypesResponse),
        },
        new("GET", "/v1/users", Role.Read, UsersAsync)
        {
            Name = "listRecentUsers",
            Tag = Tags.Users,
            Summary = "Returns the most recently active users, the newest first",
            Description = "Only users in the newest 2,000 records of the log are found. Erased users and users merged into another are left out.",
            Query = [Count],
            Answer = typeof(RecentUsersResponse),
        },
    ];

    private Task<Problem?> TypesAsync(Call call) => call.AnswerAsync(
        new InteractionTypesResponse
        {
            Types =
            [
                .. types.All.Select(type => new InteractionTypeEntry
                {
                    Name = type.Name,
                    Like = InteractionType.NameOf(type.Kind),
                    Did = type.Did,
                    Weight = type.Weight,
                    IsRating = type.Kind == InteractionKind.Rating,
                    RatingMin = type.Kind == InteractionKind.Rating ? type.RatingMin : null,
                    RatingMax = type.Kind == InteractionKind.Rating ? type.RatingMax : null,
                    ComesBack = type.SeenRule != SeenRule.Exclude,
                }),
            ],
        },
        RecSysJsonContext.Wire.InteractionTypesResponse);

    private async Task<Problem?> UsersAsync(Call call)
    {
        RecentUsers recent = new();
        LogRange[] ranges = await log.GetRangesAsync(call.Aborted).ConfigureAwait(false);
        int share = Math.Max(1, RecordsMax / Math.Max(1, ranges.Length));
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            using ILogReader reader = log.OpenReader(partition, Math.Max(ranges[partition].Start, ranges[partition].End - share));
            for (long next = -1; next < reader.Next && reader.Next < ranges[partition].End;)
            {
                next = reader.Next;
                LogChunk chunk = await reader.ReadAsync(share, call.Aborted).ConfigureAwait(false);
                foreach (LogEntry entry in chunk.Entries)
                {
                    recent.Apply(new RecordPosition(log.Shape.Epoch, partition, entry.Offset), entry.Bytes.Span);
                }
            }
        }

        return await call.AnswerAsync(
            new RecentUsersResponse { Users = recent.Newest(Count.Read(call.Query.Of(Count))) }, RecSysJsonContext.Wire.RecentUsersResponse).ConfigureAwait(false);
    }

    /// <summary>Folds records into the users who have interactions that are not erased.</summary>
    private sealed class RecentUsers
    {
        private readonly Dictionary<Owner, (UserId User, long TimestampMs, RecordPosition Last)> _users = [];
        private readonly Dictionary<Owner, LogPosition> _erased = [];
        private readonly HashSet<Owner> _merged = [];

        public void Apply(RecordPosition position, ReadOnlySpan<byte> bytes)
        {
            if (!LogRecordCodec.TryGetOwner(bytes, out Owner owner))
            {
                return;
            }

            switch (LogRecordCodec.Decode(bytes))
            {
                case LogRecord.Interaction interaction:
                    ref (UserId User, long TimestampMs, RecordPosition Last) user = ref CollectionsMarshal.GetValueRefOrAddDefault(_users, owner, out bool isKnown);
                    user = (interaction.User, isKnown ? Math.Max(user.TimestampMs, interaction.TimestampMs) : interaction.TimestampMs, position);
                    break;
                case LogRecord.UsersMerged merged:
                    _merged.Add(merged.FromOwner);
                    break;
                case LogRecord.UsersLinked linked:
                    _merged.Add(linked.From);
                    break;
                case LogRecord.MergeErased undone:
                    _merged.Remove(undone.From);
                    break;
                case LogRecord.PersonErased erased:
                    _erased[owner] = _erased.GetValueOrDefault(owner)?.Max(erased.UpTo) ?? erased.UpTo;
                    break;
                default:
                    break;
            }
        }

        public RecentUser[] Newest(int count) =>
        [
            .. _users
                .Where(pair => !_merged.Contains(pair.Key) && !(_erased.TryGetValue(pair.Key, out LogPosition? upTo) && upTo.Covers(pair.Value.Last)))
                .Select(pair => pair.Value)
                .OrderByDescending(user => user.TimestampMs)
                .ThenBy(user => user.User.Value, StringComparer.Ordinal)
                .Take(count)
                .Select(user => new RecentUser { UserId = user.User.Value, LastInteractionAt = Rfc3339.ToTime(user.TimestampMs) }),
        ];
    }
}

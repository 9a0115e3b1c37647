using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints of users and their histories.</summary>
internal sealed class UserEndpoints(
    IInteractionLog log,
    IUserProfiles profiles,
    IItemCatalogue catalogue,
    OwnerHash hash,
    RequestBodies bodies,
    IOptions<RecSysServerOptions> options,
    TimeProvider time) : IEndpoints, IDisposable
{
    private static readonly WholeParameter Count =
        new("count", "The number of interactions, newest first.", 1, Limits.HistoryMax, 100);

    /// <summary>The largest number of profiles that a batch reads at the same time.</summary>
    private const int ReadsAtOnce = 100;

    private readonly LabelWrites _labelWrites = new();

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/users/{userId}", Role.Read, GetAsync)
        {
            Name = "getUser",
            Tag = Tags.Users,
            Summary = "Returns a user's profile",
            Query = [Parameters.After],
            Answer = typeof(UserResponse),
        },
        new("PUT", "/v1/users/{userId}", Role.Write, PutAsync)
        {
            Name = "putUser",
            Tag = Tags.Users,
            Summary = "Replaces a user's labels, and sets consent if the body has it",
            Description = "Labels that the body does not have are removed. Consent is kept if the body does not have it.",
            Body = new BodyDescription(typeof(UserBody)),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("PATCH", "/v1/users/{userId}", Role.Write, PatchAsync)
        {
            Name = "patchUser",
            Tag = Tags.Users,
            Summary = "Changes the given fields of a user; a null removes a label",
            Description = "A user has at most 256 labels of 64 KiB in total: a change that would result in more is refused as a whole.",
            Body = new BodyDescription(typeof(UserBody)),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("POST", "/v1/users:batch", Role.Write, PutManyAsync)
        {
            Name = "putUsers",
            Tag = Tags.Users,
            Summary = "Replaces the labels of 1 to 10,000 users, and sets consent if the row has it",
            Description = "Each row has the fields of PUT of one user, and mergedFrom: users that are merged into this one, with the limit of merge. "
                + "Consent and merged users are kept if a row does not have them.",
            Body = new BodyDescription(typeof(UserRow), IsArray: true, IsSingle: false),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("PATCH", "/v1/users:batch", Role.Write, PatchManyAsync)
        {
            Name = "patchUsers",
            Tag = Tags.Users,
            Summary = "Changes the given fields of 1 to 10,000 users; a label whose value is null is removed",
            Description = "Each row has the fields of PATCH of one user, and mergedFrom: fields that it lacks are kept. "
                + "A batch with a row that would leave a user with more than 256 labels, or more than 64 KiB of them, is refused.",
            Body = new BodyDescription(typeof(UserRow), IsArray: true, IsSingle: false),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("POST", "/v1/users/{userId}:merge", Role.Write, MergeAsync)
        {
            Name = "mergeUsers",
            Tag = Tags.Users,
            Summary = "Merges another user, such as an anonymous visitor, into this one: reads then include the other's history",
            Description = "Users that were merged into the other user are included; at most 16 in total. Two users may be merged into each other: each then has the history of both. "
                + "Erasing the user erases all of them; erasing the other user undoes the merge.",
            Body = new BodyDescription(typeof(MergeBody)),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("GET", "/v1/users/{userId}/interactions", Role.Read, GetHistoryAsync)
        {
            Name = "getHistory",
            Tag = Tags.Users,
            Summary = "Returns a user's newest interactions, newest first",
            Query = [Count, Parameters.After],
            Answer = typeof(HistoryResponse),
        },
    ];

    /// <inheritdoc/>
    public void Dispose() => _labelWrites.Dispose();

    private async Task<Problem?> GetAsync(Call call)
    {
        LogPosition? after = call.After(Parameters.After);
        ProfileReading reading = await ReadAsync(call.User, after, call.Aborted).ConfigureAwait(false);
        UserProfile profile = reading.Profile;
        bool isKnown = profile.Count > 0 || profile.Consent is not null || !profile.Labels.IsEmpty || !profile.Aliases.IsEmpty;
        return isKnown
            ? await call.AnswerAsync((call.User, reading, IsAsked: after is not null), WriteUser).ConfigureAwait(false)
            : Problem.NotFound($"the user '{call.User}' is unknown");
    }

    private async Task<Problem?> PutAsync(Call call)
    {
        (List<LogRecord>? rows, Problem? problem) = await BodyRows
            .ReadAsync(call, bodies, new UserParser(call.User, isPatch: false).TryRead, isBatch: false, time).ConfigureAwait(false);
        return rows is null ? problem : await AppendAsync(call, rows).ConfigureAwait(false);
    }

    private async Task<Problem?> PatchAsync(Call call)
    {
        (List<LogRecord>? rows, Problem? problem) = await BodyRows
            .ReadAsync(call, bodies, new UserParser(call.User, isPatch: true).TryRead, isBatch: false, time).ConfigureAwait(false);
        return rows is null ? problem : await AppendCheckedAsync(call, rows, rows, isBatch: false).ConfigureAwait(false);
    }

    /// <summary>Appends changes of users if each leaves the labels of its user within the limits.</summary>
    /// <param name="call">The call.</param>
    /// <param name="changes">Changes of users, in their order.</param>
    /// <param name="records">The records to append: the changes, and the merges of the call.</param>
    /// <param name="isBatch">Whether a problem names the row.</param>
    private async Task<Problem?> AppendCheckedAsync(Call call, List<LogRecord> changes, List<LogRecord> records, bool isBatch)
    {
        // A change that adds no label needs no check.
        UserId[] users = [.. changes.Cast<LogRecord.UserChanged>().Where(change => change.Labels.Values.Any(value => value != "null")).Select(change => change.User).Distinct()];
        List<LabelWrites.Gate> entered = [];
        long start = time.GetTimestamp();
        try
        {
            foreach (LabelWrites.Gate gate in _labelWrites.Of(users.Select(hash.Of)))
            {
                TimeSpan left = options.Value.AfterDeadline - time.GetElapsedTime(start);
                if (!await gate.EnterAsync(left > TimeSpan.Zero ? left : TimeSpan.Zero, call.Aborted).ConfigureAwait(false))
                {
                    return Problem.Overloaded("too many changes of labels are queued; retry in a moment");
                }

                entered.Add(gate);
            }

            return await ReadLabelsAsync(users, call.Aborted).ConfigureAwait(false) is not { } labels
                ? Problem.Unavailable("the newest labels of the users are not known yet; no data was changed; retry in a moment")
                : LabelsProblemOf(changes, labels, isBatch) is { } problem ? Problem.OfField(problem)
                : await AppendAsync(call, records, changes.Count).ConfigureAwait(false);
        }
        finally
        {
            entered.ForEach(gate => gate.Leave());
        }
    }

    /// <summary>Reads the labels of users, whose gates this call has entered.</summary>
    /// <returns>The labels of each user; null if those of a user are not known in time.</returns>
    private async Task<Dictionary<UserId, Dictionary<string, string>>?> ReadLabelsAsync(UserId[] users, CancellationToken aborted)
    {
        Dictionary<UserId, Dictionary<string, string>> labels = [];
        LogPosition? end = null;
        foreach (UserId[] some in users.Chunk(ReadsAtOnce))
        {
            List<Task<ProfileReading>> readings = [];
            foreach (UserId user in some)
            {
                // The profile must contain this node's previous writes; at the first change, all writes before it.
                LabelWrites.Gate gate = _labelWrites[hash.Of(user)];
                LogPosition written = gate.Written ?? (end ??= await log.GetEndAsync(aborted).ConfigureAwait(false));
                gate.Advance(written);
                readings.Add(ReadAsync(user, written, aborted).AsTask());
            }

            foreach ((UserId user, ProfileReading reading) in some.Zip(await Task.WhenAll(readings).ConfigureAwait(false)))
            {
                if (!reading.IsReflected)
                {
                    return null;
                }

                labels[user] = new Dictionary<string, string>(reading.Own.Labels, StringComparer.Ordinal);
            }
        }

        return labels;
    }

    /// <summary>Returns the problem of the first change after which its user would have too many labels, or too large ones; null if there is none. Applies the changes to the labels.</summary>
    private static FieldProblem? LabelsProblemOf(List<LogRecord> changes, Dictionary<UserId, Dictionary<string, string>> labels, bool isBatch)
    {
        for (int i = 0; i < changes.Count; i++)
        {
            LogRecord.UserChanged change = (LogRecord.UserChanged)changes[i];
            if (!labels.TryGetValue(change.User, out Dictionary<string, string>? held))
            {
                continue;
            }

            foreach ((string name, string value) in change.Labels)
            {
                if (value == "null")
                {
                    held.Remove(name);
                }
                else
                {
                    held[name] = value;
                }
            }

            FieldProblem? problem = held.Count > Limits.LabelsMax
                ? new FieldProblem("labels", $"has {held.Count} entries including those that are kept; at most {Limits.LabelsMax} are allowed")
                : RecordSize.OfLabels(held, " including those that are kept");
            if (problem is not null)
            {
                return isBatch ? problem.Value.In($"[{i}]") : problem;
            }
        }

        return null;
    }

    private Task<Problem?> PutManyAsync(Call call) => WriteManyAsync(call, isPatch: false);

    private Task<Problem?> PatchManyAsync(Call call) => WriteManyAsync(call, isPatch: true);

    private async Task<Problem?> WriteManyAsync(Call call, bool isPatch)
    {
        UserParser parser = new(null, isPatch, hash);
        (List<LogRecord>? rows, Problem? problem) = await BodyRows.ReadAsync(call, bodies, parser.TryRead, isBatch: true, time).ConfigureAwait(false);
        if (rows is null)
        {
            return problem;
        }

        if (await TooLongAsync(parser.Merges, call.Aborted).ConfigureAwait(false) is var (merge, length))
        {
            int row = rows.FindIndex(changed => ((LogRecord.UserChanged)changed).User == merge.Target);
            return Problem.OfField(new FieldProblem($"[{row}].mergedFrom", $"results in {length} merged users, including those merged into them; at most {Limits.AliasesMax} are allowed"));
        }

        List<LogRecord> records = [.. rows, .. parser.Merges];
        return isPatch
            ? await AppendCheckedAsync(call, rows, records, isBatch: true).ConfigureAwait(false)
            : await AppendAsync(call, records, rows.Count).ConfigureAwait(false);
    }

    private async Task<Problem?> MergeAsync(Call call)
    {
        UserId target = call.User;
        (List<LogRecord>? rows, Problem? problem) = await BodyRows
            .ReadAsync(call, bodies, new MergeParser(target, hash).TryRead, isBatch: false, time).ConfigureAwait(false);
        if (rows is null)
        {
            return problem;
        }

        return await TooLongAsync([(LogRecord.UsersMerged)rows[0]], call.Aborted).ConfigureAwait(false) is var (_, length)
            ? Problem.Conflict($"the user '{target}' would have {length} users merged into it; at most {Limits.AliasesMax} are allowed")
            : await AppendAsync(call, rows).ConfigureAwait(false);
    }

    /// <summary>
    /// Returns the first merge, in their order, after which a read of its target would follow more than <see cref="Limits.AliasesMax"/> users, and their number; or null.
    /// Users merged into a merged user count too, since reads follow the whole chain. A merge that is stored already is not refused.
    /// </summary>
    private async Task<(LogRecord.UsersMerged Merge, int Length)?> TooLongAsync(IReadOnlyList<LogRecord.UsersMerged> merges, CancellationToken aborted)
    {
        // For each user that a merge names: the users merged into it directly, as stored, and all users merged into it, with the merges so far.
        Dictionary<Owner, (ImmutableArray<UserAlias> Stored, HashSet<Owner> Merged)> named = [];
        foreach (LogRecord.UsersMerged merge in merges)
        {
            Owner target = hash.Of(merge.Target);
            await NameAsync(merge.Target, target).ConfigureAwait(false);
            await NameAsync(merge.From, merge.FromOwner).ConfigureAwait(false);
            named[target].Merged.Add(merge.FromOwner);
            int length = LengthOf(target);
            if (length > Limits.AliasesMax && !named[target].Stored.Any(alias => alias.Owner == merge.FromOwner))
            {
                return (merge, length);
            }
        }

        return null;

        async ValueTask NameAsync(UserId user, Owner owner)
        {
            if (!named.ContainsKey(owner))
            {
                ProfileReading reading = await ReadAsync(user, null, aborted).ConfigureAwait(false);
                named[owner] = (reading.Own.Aliases, [.. reading.MergedOwners]);
            }
        }

        int LengthOf(Owner target)
        {
            HashSet<Owner> chain = [target];
            Queue<Owner> next = new(chain);
            while (next.TryDequeue(out Owner owner))
            {
                if (named.TryGetValue(owner, out (ImmutableArray<UserAlias> Stored, HashSet<Owner> Merged) user))
                {
                    foreach (Owner merged in user.Merged.Where(chain.Add))
                    {
                        next.Enqueue(merged);
                    }
                }
            }

            return chain.Count - 1;
        }
    }

    private async Task<Problem?> GetHistoryAsync(Call call)
    {
        LogPosition? after = call.After(Parameters.After);
        int count = Count.Read(call.Query.Of(Count));
        ProfileReading reading = await ReadAsync(call.User, after, call.Aborted).ConfigureAwait(false);
        return await call.AnswerAsync(
            (reading, count, IsAsked: after is not null, catalogue.Current), WriteHistory).ConfigureAwait(false);
    }

    private Task<Problem?> AppendAsync(Call call, List<LogRecord> rows) => AppendAsync(call, rows, rows.Count);

    private async Task<Problem?> AppendAsync(Call call, List<LogRecord> rows, int accepted)
    {
        LogPosition position = await log.AppendAsync(rows, call.Aborted).ConfigureAwait(false);
        foreach (LogRecord row in rows)
        {
            if (row is LogRecord.UserChanged { Labels.IsEmpty: false } changed)
            {
                _labelWrites[hash.Of(changed.User)].Advance(position);
            }
        }

        return await call.AcceptAsync(accepted, position).ConfigureAwait(false);
    }

    private async ValueTask<ProfileReading> ReadAsync(UserId user, LogPosition? after, CancellationToken aborted)
    {
        using CancellationTokenSource timeout = new(options.Value.AfterDeadline, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted, timeout.Token);
        return await profiles.GetAsync(user, after, deadline.Token).ConfigureAwait(false);
    }

    private static void WriteUser(Utf8JsonWriter json, (UserId User, ProfileReading Reading, bool IsAsked) user)
    {
        UserProfile profile = user.Reading.Profile;
        json.WriteStartObject();
        json.WriteString("userId"u8, user.User.Value);
        ItemJson.WriteLabels(json, profile.Labels);
        if (profile.Consent is { } consent)
        {
            json.WriteBoolean("consent"u8, consent);
        }

        json.WriteNumber("interactionsHeld"u8, profile.Count);
        foreach (ProfileInteraction newest in profile.History)
        {
            json.WriteString("lastInteractionAt"u8, Rfc3339.ToText(newest.TimestampMs));
            break;
        }

        WriteState(json, user.Reading, user.IsAsked);
        json.WriteEndObject();
    }

    private static void WriteHistory(
        Utf8JsonWriter json, (ProfileReading Reading, int Count, bool IsAsked, ItemCatalogue Catalogue) history)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        int written = 0;
        foreach (ProfileInteraction interaction in history.Reading.Profile.History)
        {
            if (written++ == history.Count)
            {
                break;
            }

            ItemId item = interaction.Item;
            json.WriteStartObject();
            json.WriteString("itemId"u8, item.Value);
            json.WriteString("type"u8, interaction.Type);
            json.WriteString("timestamp"u8, Rfc3339.ToText(interaction.TimestampMs));
            if (interaction.Value is { } value)
            {
                json.WriteNumber("value"u8, value);
            }

            if (interaction.Id is { } id)
            {
                json.WriteString("id"u8, id);
            }

            if (history.Catalogue.TryGet(item, out CatalogueItem? known) && known.Content.Title is { } title)
            {
                json.WriteString("title"u8, title);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("position"u8, history.Reading.Profile.Position.ToString());
        WriteState(json, history.Reading, history.IsAsked);
        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, ProfileReading reading, bool isAsked)
    {
        if (isAsked)
        {
            json.WriteBoolean("reflected"u8, reading.IsReflected);
        }

        if (reading.HasMoreMerged)
        {
            json.WriteBoolean("mergedUsersLeftOut"u8, true);
        }
    }
}

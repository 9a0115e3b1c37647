using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Users;
using RecSys.Server.Bodies;
using RecSys.Serving;

namespace RecSys.Server.Export;

/// <summary>Writes interactions, items, users or recommendations as JSON lines; an import reads those of the first three.</summary>
internal sealed class Exporter(IInteractionLog log, LogRecordCodec codec, IItemCatalogue catalogue, IRecommender recommender)
{
    /// <summary>Number of items of each user's slate in an export of recommendations.</summary>
    private const int SlateCount = 10;

    /// <summary>The kinds of exported rows.</summary>
    public static readonly string[] Kinds = ["interactions", "items", "users", "recommendations"];

    /// <summary>Writes one kind of rows.</summary>
    /// <param name="what">One of <see cref="Kinds"/>.</param>
    /// <param name="stream">Receives the rows.</param>
    /// <param name="progress">Receives the share that is done, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the export.</param>
    /// <returns>The number of rows.</returns>
    public Task<long> WriteAsync(string what, Stream stream, Action<double> progress, CancellationToken cancellationToken) => what switch
    {
        "interactions" => InteractionsAsync(stream, progress, cancellationToken),
        "items" => ItemsAsync(stream, cancellationToken),
        "users" => UsersAsync(stream, progress, cancellationToken),
        "recommendations" => RecommendationsAsync(stream, progress, cancellationToken),
        _ => throw new ArgumentException($"'{what}' is none of {string.Join(", ", Kinds)}", nameof(what)),
    };

    private async Task<long> InteractionsAsync(Stream stream, Action<double> progress, CancellationToken cancellationToken)
    {
        // Retractions and erasures follow the records that they concern, so they are read first, in a pass of their own.
        Dictionary<(Owner, string), RecordPosition> retracted = [];
        Dictionary<Owner, LogPosition> erased = [];
        await foreach ((RecordPosition position, LogRecord record) in ReadAsync(share => progress(share / 2), cancellationToken).ConfigureAwait(false))
        {
            if (record is LogRecord.InteractionRetracted retraction)
            {
                retracted[(codec.OwnerOf(retraction)!.Value, retraction.Id)] = position;
            }
            else if (record is LogRecord.PersonErased erasure)
            {
                erased[erasure.Owner] = erased.GetValueOrDefault(erasure.Owner)?.Max(erasure.UpTo) ?? erasure.UpTo;
            }
        }

        long rows = 0;
        await foreach ((RecordPosition position, LogRecord record) in ReadAsync(share => progress(0.5 + (share / 2)), cancellationToken).ConfigureAwait(false))
        {
            if (record is LogRecord.Interaction interaction && IsExported(position, interaction))
            {
                rows++;
                await LineAsync(stream, Body(interaction), RecSysJsonContext.Wire.InteractionBody, cancellationToken).ConfigureAwait(false);
            }
        }

        return rows;

        bool IsExported(RecordPosition position, LogRecord.Interaction interaction)
        {
            Owner owner = codec.OwnerOf(interaction)!.Value;
            return !IsErased(owner, position) && !(interaction.Id is { } id && retracted.TryGetValue((owner, id), out RecordPosition retraction) && !IsErased(owner, retraction));
        }

        bool IsErased(Owner owner, RecordPosition position) => erased.TryGetValue(owner, out LogPosition? upTo) && upTo.Covers(position);
    }

    private async Task<long> ItemsAsync(Stream stream, CancellationToken cancellationToken)
    {
        long rows = 0;
        foreach (CatalogueItem item in catalogue.Current.All)
        {
            rows++;
            (long? from, long? until) = AvailabilityOf(item.Content);
            ItemRow row = new()
            {
                ItemId = item.Id.Value,
                Title = item.Content.Title,
                Categories = item.Content.Categories,
                Labels = Labels(item.Content.Labels),
                Text = item.Content.Text,
                AvailableFrom = Time(from),
                AvailableUntil = Time(until),
                Hidden = item.Content.IsHidden,
                Price = item.Content.Price,
                Currency = item.Content.Currency,
                Image = item.Content.Image,
                Url = item.Content.Url,
                Stock = item.Content.Stock,
            };
            await LineAsync(stream, row, RecSysJsonContext.Wire.ItemRow, cancellationToken).ConfigureAwait(false);
        }

        // Deleted items are included: otherwise interactions with them would show them in lists again.
        foreach (ItemId deleted in catalogue.Current.Deleted)
        {
            rows++;
            await LineAsync(
                stream, new ItemRow { ItemId = deleted.Value, Deleted = true }, RecSysJsonContext.Wire.ItemRow, cancellationToken).ConfigureAwait(false);
        }

        return rows;
    }

    private async Task<long> UsersAsync(Stream stream, Action<double> progress, CancellationToken cancellationToken)
    {
        Dictionary<Owner, KnownUser> users = await KnownUsersAsync(progress, cancellationToken).ConfigureAwait(false);
        foreach (KnownUser user in TargetsFirst(users))
        {
            UserRow row = new()
            {
                UserId = user.Id.Value,
                Consent = user.Profile.Consent,
                Labels = Labels(user.Profile.Labels),
                MergedFrom = user.Profile.Aliases.IsEmpty ? null : [.. user.Profile.Aliases.Select(alias => user.MergedIds.GetValueOrDefault(alias.Owner)).OfType<string>()],
            };
            await LineAsync(stream, row, RecSysJsonContext.Wire.UserRow, cancellationToken).ConfigureAwait(false);
        }

        return users.Count;
    }

    /// <summary>
    /// Returns the users by their ids, but each before those merged into it: an import checks merges in the order of rows, and would refuse
    /// a chain of merges that starts at its end.
    /// </summary>
    private static List<KnownUser> TargetsFirst(Dictionary<Owner, KnownUser> users)
    {
        List<KnownUser> found = [];
        HashSet<Owner> seen = [];
        Stack<(Owner Owner, bool IsDone)> stack = new(); // IsDone: the users merged into the owner were added before
        foreach ((Owner root, _) in users.OrderByDescending(user => user.Value.Id.Value, StringComparer.Ordinal))
        {
            stack.Push((root, IsDone: false));
            while (stack.TryPop(out (Owner Owner, bool IsDone) at))
            {
                if (at.IsDone)
                {
                    found.Add(users[at.Owner]);
                }
                else if (users.TryGetValue(at.Owner, out KnownUser? user) && seen.Add(at.Owner))
                {
                    stack.Push((at.Owner, IsDone: true));
                    foreach (UserAlias alias in user.Profile.Aliases)
                    {
                        stack.Push((alias.Owner, IsDone: false));
                    }
                }
            }
        }

        found.Reverse();
        return found;
    }

    private async Task<long> RecommendationsAsync(Stream stream, Action<double> progress, CancellationToken cancellationToken)
    {
        Dictionary<Owner, KnownUser> users = await KnownUsersAsync(share => progress(share / 10), cancellationToken).ConfigureAwait(false);
        long rows = 0;
        foreach (KnownUser user in users.Values.OrderBy(user => user.Id.Value, StringComparer.Ordinal))
        {
            Slate slate = await recommender.RecommendAsync(new SlateRequest { User = user.Id, Count = SlateCount }, cancellationToken).ConfigureAwait(false);
            ExportedSlate row = new(user.Id.Value, slate.ModelVersion?.ToString(), [.. slate.Items.Select(item => new ExportedItem(item.Item.Value, item.Score))]);
            await LineAsync(stream, row, ExportJsonContext.Default.ExportedSlate, cancellationToken).ConfigureAwait(false);
            progress(0.1 + (0.9 * ++rows / users.Count));
        }

        return rows;
    }

    private async Task<Dictionary<Owner, KnownUser>> KnownUsersAsync(Action<double> progress, CancellationToken cancellationToken)
    {
        Dictionary<Owner, KnownUser> users = [];
        await foreach ((RecordPosition position, LogRecord record) in ReadAsync(progress, cancellationToken).ConfigureAwait(false))
        {
            if (codec.OwnerOf(record) is not { } owner)
            {
                continue;
            }

            UserId? id = record switch
            {
                LogRecord.Interaction interaction => interaction.User,
                LogRecord.UserChanged changed => changed.User,
                LogRecord.UsersMerged merged => merged.Target,
                _ => null,
            };
            if (id is { } known)
            {
                ref KnownUser? user = ref CollectionsMarshal.GetValueRefOrAddDefault(users, owner, out _);
                user ??= new KnownUser(known);
                user.LastNamed = position;
            }

            users.GetValueOrDefault(owner)?.Apply(position, record);
        }

        // Records after an erasure make the user known again.
        foreach ((Owner owner, KnownUser user) in users)
        {
            if (user.Profile.ErasedUpTo is { } erased && erased.Covers(user.LastNamed))
            {
                users.Remove(owner);
            }
        }

        return users;
    }

    private async IAsyncEnumerable<(RecordPosition Position, LogRecord Record)> ReadAsync(
        Action<double> progress, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        LogPosition end = await log.GetEndAsync(cancellationToken).ConfigureAwait(false);
        await foreach ((int partition, ReadOnlyMemory<LogEntry> entries) in log.ReadUpToAsync(end, progress, cancellationToken).ConfigureAwait(false))
        {
            for (int i = 0; i < entries.Length; i++)
            {
                LogEntry entry = entries.Span[i];
                if (LogRecordCodec.Decode(entry.Bytes.Span) is { } record)
                {
                    yield return (new RecordPosition(end.Epoch, partition, entry.Offset), record);
                }
            }
        }
    }

    private static InteractionBody Body(LogRecord.Interaction interaction) => new()
    {
        UserId = interaction.User.Value,
        ItemId = interaction.Item.Value,
        Type = interaction.Type,
        Timestamp = DateTimeOffset.FromUnixTimeMilliseconds(interaction.TimestampMs),
        Value = interaction.Value,
        RecommendationId = interaction.RecommendationId,
        Id = interaction.Id,
        Context = interaction.Context is not { } context
            ? null
            : new ContextBody
            {
                Location = context.Location,
                Device = context.Device,
                Time = DateTimeOffset.TryParse(context.Time, System.Globalization.CultureInfo.InvariantCulture, out DateTimeOffset time) ? time : null,
                SessionFeatures = context.SessionFeatures.Count > 0 ? new(context.SessionFeatures, StringComparer.Ordinal) : null,
            },
    };

    private static Dictionary<string, JsonElement>? Labels(ImmutableSortedDictionary<string, string> labels)
    {
        if (labels.Count == 0)
        {
            return null;
        }

        Dictionary<string, JsonElement> elements = new(StringComparer.Ordinal);
        foreach ((string name, string json) in labels)
        {
            using JsonDocument value = JsonDocument.Parse(json);
            elements[name] = value.RootElement.Clone();
        }

        return elements;
    }

    private static DateTimeOffset? Time(long? ms) => ms is { } value ? Rfc3339.ToTime(value) : null;

    /// <summary>Returns the period of an item's availability, limited to the years 1 to 9999: an earlier version stored times outside them, which an import would refuse.</summary>
    private static (long? From, long? Until) AvailabilityOf(ItemContent content)
    {
        long? from = content.AvailableFromMs is { } first ? Math.Clamp(first, Rfc3339.MinMs, Rfc3339.MaxMs) : null;
        long? until = content.AvailableUntilMs is { } last ? Math.Clamp(last, Rfc3339.MinMs, Rfc3339.MaxMs) : null;
        return from < until || from is null || until is null ? (from, until)
            : until > Rfc3339.MinMs ? (until - 1, until)
            : (until, until + 1);
    }

    private static async Task LineAsync<T>(Stream stream, T row, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(row, type);
        await stream.WriteAsync(json, cancellationToken).ConfigureAwait(false);
        stream.WriteByte((byte)'\n');
    }

    /// <summary>A user, with the profile without its interactions.</summary>
    private sealed class KnownUser(UserId id)
    {
        public UserId Id { get; } = id;

        /// <summary>Gets or sets the newest record that has the id.</summary>
        public RecordPosition LastNamed { get; set; }

        public UserProfile Profile { get; private set; } = UserProfile.Empty;

        /// <summary>Gets the ids of users that were merged into this one, by their owners.</summary>
        public Dictionary<Owner, string> MergedIds { get; } = [];

        /// <summary>Applies a record of the user by the rules of the live profile, so that both are equal.</summary>
        public void Apply(RecordPosition position, LogRecord record)
        {
            if (record is LogRecord.Interaction or LogRecord.InteractionRetracted)
            {
                return;
            }

            if (record is LogRecord.UsersMerged merged)
            {
                MergedIds[merged.FromOwner] = merged.From.Value;
            }

            Profile = Profile.Apply(position, record);
        }
    }
}

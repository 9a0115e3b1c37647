using System.Buffers;
using System.Buffers.Binary;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Batch.Replay;

/// <summary>Turns the acts of files into the records of a log.</summary>
/// <remarks>
/// An act has the type, value and time that its file gives. If any act has no time, the order of the file gives all times, one <see cref="Step"/> apart:
/// rows and sessions follow one another; the lists of all users start at the same time.
/// </remarks>
public sealed record FileWorld
{
    /// <summary>The type of acts in a file without types and values. Its weight is 1, and slates do not show its items again. It is not a purchase, since such files often have ratings or visits.</summary>
    public const string PairType = "pair";

    /// <summary>Gets the acts from which models learn.</summary>
    public required IReadOnlyList<FileAct> Acts { get; init; }

    /// <summary>Gets the acts that profiles contain at the question, but from which models do not learn.</summary>
    public IReadOnlyList<FileAct> History { get; init; } = [];

    /// <summary>Gets the acts of the test file, which are the right answers; empty without such a file.</summary>
    public IReadOnlyList<FileAct> Test { get; init; } = [];

    /// <summary>Gets the anonymous questions: the items of a session so far, and the item that followed; empty without such a file.</summary>
    public IReadOnlyList<(string[] Prefix, string Target)> Prefixes { get; init; } = [];

    /// <summary>Gets the items of the catalogue with their content.</summary>
    public IReadOnlyList<(ItemId Item, ItemContent Content)> Catalogue { get; init; } = [];

    /// <summary>Gets the type of acts in a file without types; null: <c>rating</c> for acts with a value, otherwise <see cref="PairType"/>.</summary>
    public string? DefaultType { get; init; }

    /// <summary>Gets the time between two acts in a file without times; default 1 s.</summary>
    public TimeSpan Step { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Returns the configured types with <see cref="PairType"/>; without it if there is no room for another type.</summary>
    public static InteractionTypes TypesWithPairs(InteractionTypes types)
    {
        ArgumentNullException.ThrowIfNull(types);
        return types.TryGet(PairType, out _) || types.All.Count == InteractionTypes.CountMax
            ? types
            : new InteractionTypes([.. types.All, new InteractionType(PairType, Weight: 1, InteractionKind.Like)]);
    }

    /// <summary>Returns a world with the records and questions of the files.</summary>
    /// <param name="types">The types of interactions, including those of the acts.</param>
    /// <exception cref="FormatException">An act has a type that is not configured, or there are more acts than <see cref="ReplayWorld.RecordsMax"/>.</exception>
    public ReplayWorld Build(InteractionTypes types)
    {
        ArgumentNullException.ThrowIfNull(types);
        if ((long)Acts.Count + History.Count + Catalogue.Count > ReplayWorld.RecordsMax)
        {
            throw new FormatException($"the files have more than {ReplayWorld.RecordsMax:N0} acts and items ({nameof(ReplayWorld.RecordsMax)})");
        }

        // Users are in the order of their names, so that the model does not depend on the order of the file.
        string[] names = [.. Acts.Concat(History).Concat(Test).Select(act => act.User).Distinct().Order(StringComparer.Ordinal)];
        Dictionary<string, int> users = new(names.Length, StringComparer.Ordinal);
        Owner[] owners = new Owner[names.Length];
        for (int user = 0; user < names.Length; user++)
        {
            users.Add(names[user], user);
            owners[user] = OwnerOf(user);
        }

        (ItemId Item, ItemContent Content)[] catalogue = [.. Known()];
        ItemIndex index = ItemIndex.Of(
            [
                .. catalogue.Select(entry => entry.Item),
                .. Acts.Concat(History).Concat(Test).Select(act => act.Item).Concat(Prefixes.SelectMany(question => question.Prefix.Append(question.Target)))
                    .Distinct().Select(item => new ItemId(item)),
            ]);
        Dictionary<string, int> items = new(index.Items.Count, StringComparer.Ordinal);
        foreach (ItemId item in index.Items)
        {
            items.Add(item.Value, items.Count);
        }

        List<ReplayRecord> records = [];
        foreach ((ItemId item, ItemContent content) in catalogue)
        {
            records.Add(new ReplayRecord(long.MinValue, ItemWrites.Encode(new LogRecord.ItemChanged(item, content, ItemWrites.NoTimeMs))));
        }

        bool hasTimes = Acts.All(act => act.TimeMs is not null) && History.All(act => act.TimeMs is not null);
        long end = Add(Acts, from: 0, isHistoryOnly: false);
        Add(History, end, isHistoryOnly: true);
        if (hasTimes)
        {
            AddFirstTimes();
        }

        List<GivenQuestion> questions =
        [
            .. Test.GroupBy(act => users[act.User]).OrderBy(group => group.Key)
                .Select(group => new GivenQuestion(group.Key, [], [.. group.Select(act => items[act.Item]).Distinct()])),
            .. Prefixes.Select(question => new GivenQuestion(
                User: -1, [.. question.Prefix.Select(item => items[item])], [items[question.Target]])),
        ];
        return new ReplayWorld(
            [.. records.OrderBy(record => record.TimeMs)], [.. names.Select(name => new UserId(name))], owners, index.Items, types)
        {
            Given = questions,
            TimesNote = hasTimes ? null : $"the order gives the times, {Step:c} apart",
        };

        // An item was added just after its first act, because the catalogue of a file has no times.
        void AddFirstTimes()
        {
            Dictionary<string, long> firstMs = new(StringComparer.Ordinal);
            foreach (FileAct act in Acts.Concat(History))
            {
                firstMs[act.Item] = Math.Min(firstMs.GetValueOrDefault(act.Item, long.MaxValue), act.TimeMs!.Value);
            }

            foreach ((ItemId item, ItemContent content) in catalogue)
            {
                if (firstMs.TryGetValue(item.Value, out long timeMs))
                {
                    records.Add(new ReplayRecord(timeMs, ItemWrites.Encode(new LogRecord.ItemChanged(item, content, timeMs))));
                }
            }
        }

        // Adds the records of acts, and returns the step after the last act.
        long Add(IReadOnlyList<FileAct> acts, long from, bool isHistoryOnly)
        {
            long order = 0;
            long end = from;
            foreach (FileAct act in acts)
            {
                string name = act.Type ?? DefaultType ?? (act.Value is null ? PairType : RatingOf(types));
                if (!types.TryGet(name, out InteractionType? type))
                {
                    throw new FormatException($"type '{name}' is not configured; the types are {string.Join(", ", types.All.Select(known => known.Name))}");
                }

                long step = from + (act.Place >= 0 ? act.Place : order++);
                end = Math.Max(end, step + 1);
                long timeMs = hasTimes ? act.TimeMs!.Value : (long)(step * Step.TotalMilliseconds);
                double? value = type.Kind == InteractionKind.Rating ? act.Value : null;
                int user = users[act.User];
                ItemId item = new(act.Item);
                LogRecord.Interaction interaction = new(new UserId(act.User), item, name, timeMs) { Value = value };
                records.Add(new ReplayRecord(timeMs, Encoded(interaction, owners[user]))
                {
                    User = user,
                    Item = items[act.Item],
                    Weight = types.WeightOf(name, value),
                    MayBeRelevant = true,
                    IsHistoryOnly = isHistoryOnly,
                });
            }

            return end;
        }
    }

    private static string RatingOf(InteractionTypes types) => types.All.FirstOrDefault(type => type.Kind == InteractionKind.Rating)?.Name ?? PairType;

    private static ReadOnlyMemory<byte> Encoded(LogRecord record, Owner owner)
    {
        ArrayBufferWriter<byte> bytes = new(96);
        LogRecordCodec.Encode(record, owner, bytes);
        return bytes.WrittenMemory;
    }

    private static Owner OwnerOf(int user)
    {
        Span<byte> bytes = stackalloc byte[Owner.SizeBytes];
        bytes.Clear();
        BinaryPrimitives.WriteInt64BigEndian(bytes[8..], user + 1);
        return new Owner(bytes);
    }

    // The catalogue includes the items of the test file, so that models have them, because published tables rank them.
    private IEnumerable<(ItemId Item, ItemContent Content)> Known()
    {
        HashSet<ItemId> known = [.. Catalogue.Select(entry => entry.Item)];
        return Catalogue.Concat(Test.Select(act => new ItemId(act.Item)).Where(known.Add).Select(item => (item, ItemContent.Empty)));
    }
}

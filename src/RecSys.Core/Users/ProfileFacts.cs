using System.Collections.Immutable;
using System.IO.Hashing;
using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Users;

/// <summary>The rare parts of a profile: labels, consent, aliases, an erasure, statements too old for the history, retractions. Each stores its log position, so that an erasure removes only earlier ones.</summary>
internal sealed record ProfileFacts
{
    public static readonly ProfileFacts None = new();

    private const byte HasErasure = 1;
    private const byte HasConsent = 2;
    private const byte ConsentIsGiven = 4;

    // Aliases are stored as owners only. States of earlier versions lack this flag and also contain the users' ids.
    private const byte HasOwnersOnly = 8;

    // From version 3 of a profile on.
    private const byte HasOlder = 16;
    private const byte HasRetractions = 32;
    private const int OlderBytesMax = 1 << 24;

    /// <summary>A label's value, a JSON text, with the position of its record.</summary>
    public readonly record struct Label(string Value, RecordPosition Position);

    /// <summary>A retraction: a hash of the interaction's id, with the position of its record.</summary>
    public readonly record struct Retraction(ulong IdHash, RecordPosition Position);

    public LogPosition? ErasedUpTo { get; init; }

    public bool? Consent { get; init; }

    /// <summary>Gets the position of the record that set <see cref="Consent"/>; meaningless without consent.</summary>
    public RecordPosition ConsentPosition { get; init; }

    public ImmutableSortedDictionary<string, Label> Labels { get; init; } =
        ImmutableSortedDictionary.Create<string, Label>(StringComparer.Ordinal);

    public ImmutableArray<UserAlias> Aliases { get; init; } = [];

    /// <summary>Gets the newest statements among the interactions that a full history dropped.</summary>
    public PackedHistory Older { get; init; }

    /// <summary>Gets the newest retractions, in the order of their positions.</summary>
    public ImmutableArray<Retraction> Retractions { get; init; } = [];

    public bool IsEmpty => ErasedUpTo is null && Consent is null && Labels.IsEmpty && Aliases.IsEmpty && !HasPartsOfVersion3;

    /// <summary>Gets whether there are parts that earlier versions of the bytes do not have.</summary>
    public bool HasPartsOfVersion3 => Older.Count > 0 || !Retractions.IsEmpty;

    /// <summary>Gets the approximate memory in bytes.</summary>
    public int SizeBytes
    {
        get
        {
            const int EntryBytes = 100;
            const int RetractionBytes = 24;
            int size = EntryBytes;
            foreach ((string name, Label label) in Labels)
            {
                size += EntryBytes + (2 * (name.Length + label.Value.Length));
            }

            return size + (EntryBytes * Aliases.Length) + Older.SizeBytes + (RetractionBytes * Retractions.Length);
        }
    }

    /// <summary>Sets labels, and consent if the record sets it.</summary>
    /// <remarks>
    /// Labels over <see cref="Limits.LabelsMax"/> or <see cref="Limits.LabelsBytesMax"/> are ignored, so that a state stays bounded; the API refuses such a write. Removals are applied first:
    /// a patch whose result is within the limits is applied as a whole.
    /// </remarks>
    public ProfileFacts With(LogRecord.UserChanged changed, RecordPosition position)
    {
        ImmutableSortedDictionary<string, Label>.Builder labels = (changed.IsPatch ? Labels : Labels.Clear()).ToBuilder();
        foreach ((string name, string value) in changed.Labels)
        {
            if (changed.IsPatch && value == "null")
            {
                labels.Remove(name);
            }
        }

        // Values that become shorter are set first: they free space for the others.
        int bytes = labels.Sum(label => BytesOf(label.Key, label.Value.Value));
        List<(string Name, string Value, int More)> sets =
        [
            .. changed.Labels
                .Where(change => !(changed.IsPatch && change.Value == "null"))
                .Select(change => (Name: change.Key, change.Value, More: BytesOf(change.Key, change.Value) - (labels.TryGetValue(change.Key, out Label held) ? BytesOf(change.Key, held.Value) : 0)))
                .OrderBy(set => set.More > 0),
        ];
        foreach ((string name, string value, int more) in sets)
        {
            if ((labels.Count < Limits.LabelsMax || labels.ContainsKey(name)) && (more <= 0 || bytes + more <= Limits.LabelsBytesMax))
            {
                labels[name] = new Label(value, position);
                bytes += more;
            }
        }

        bool setsConsent = changed.Consent is not null;
        return this with
        {
            Labels = labels.ToImmutable(),
            Consent = setsConsent ? changed.Consent : Consent,
            ConsentPosition = setsConsent ? position : ConsentPosition,
        };
    }

    /// <summary>Returns the bytes that count towards <see cref="Limits.LabelsBytesMax"/>.</summary>
    public static int BytesOf(string name, string value) => Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);

    /// <summary>Links a user; another link of the same user replaces the position. Users over <see cref="Limits.AliasesMax"/> are ignored.</summary>
    public ProfileFacts WithAlias(Owner from, RecordPosition position)
    {
        UserAlias alias = new(from) { Position = position };
        for (int i = 0; i < Aliases.Length; i++)
        {
            if (Aliases[i].Owner == from)
            {
                return this with { Aliases = Aliases.SetItem(i, alias) };
            }
        }

        return Aliases.Length < Limits.AliasesMax ? this with { Aliases = Aliases.Add(alias) } : this;
    }

    /// <summary>Undoes the merge of a user who is erased up to a position; a later merge is with a new person and is kept.</summary>
    public ProfileFacts WithoutAlias(Owner from, LogPosition upTo)
    {
        ImmutableArray<UserAlias> rest = Aliases.RemoveAll(alias => alias.Owner == from && upTo.Covers(alias.Position));
        return rest.Length == Aliases.Length ? this : this with { Aliases = rest };
    }

    /// <summary>Returns the hash of an interaction's id that retractions store.</summary>
    public static ulong HashOf(ReadOnlySpan<byte> id) => XxHash3.HashToUInt64(id);

    /// <summary>Returns whether an interaction with an id was retracted; the order of the two records does not matter.</summary>
    public bool IsRetracted(ReadOnlySpan<byte> id)
    {
        if (id.IsEmpty || Retractions.IsEmpty)
        {
            return false;
        }

        ulong hash = HashOf(id);
        foreach (Retraction retraction in Retractions)
        {
            if (retraction.IdHash == hash)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds a retraction; of two of one id the newer is kept, and of more than <see cref="Limits.RetractionsMax"/> the newest.</summary>
    public ProfileFacts WithRetraction(ReadOnlySpan<byte> id, RecordPosition position)
    {
        Retraction added = new(HashOf(id), position);
        return this with
        {
            Retractions =
            [
                .. Retractions.Append(added)
                    .Where(retraction => retraction.IdHash != added.IdHash || retraction.Position >= added.Position)
                    .DistinctBy(retraction => retraction.IdHash)
                    .OrderBy(retraction => retraction.Position)
                    .TakeLast(Limits.RetractionsMax),
            ],
        };
    }

    /// <summary>Returns the facts without those up to an erasure.</summary>
    public ProfileFacts After(LogPosition erasedUpTo)
    {
        ImmutableSortedDictionary<string, Label>.Builder labels = Labels.ToBuilder();
        foreach ((string name, Label label) in Labels)
        {
            if (erasedUpTo.Covers(label.Position))
            {
                labels.Remove(name);
            }
        }

        bool removesConsent = Consent is not null && erasedUpTo.Covers(ConsentPosition);
        return this with
        {
            ErasedUpTo = erasedUpTo,
            Labels = labels.ToImmutable(),
            Consent = removesConsent ? null : Consent,
            Aliases = [.. Aliases.Where(alias => !erasedUpTo.Covers(alias.Position))],
            Older = Older.After(erasedUpTo),
            Retractions = [.. Retractions.Where(retraction => !erasedUpTo.Covers(retraction.Position))],
        };
    }

    public static void Write(ref ByteWriter writer, ProfileFacts facts)
    {
        writer.Byte((byte)((facts.ErasedUpTo is null ? 0 : HasErasure)
            | (facts.Consent is null ? 0 : HasConsent)
            | (facts.Consent is true ? ConsentIsGiven : 0)
            | (facts.Aliases.IsEmpty ? 0 : HasOwnersOnly)
            | (facts.Older.Count == 0 ? 0 : HasOlder)
            | (facts.Retractions.IsEmpty ? 0 : HasRetractions)));
        if (facts.ErasedUpTo is { } erasedUpTo)
        {
            LogPositionCodec.Write(ref writer, erasedUpTo);
        }

        if (facts.Consent is not null)
        {
            Write(ref writer, facts.ConsentPosition);
        }

        writer.Count(facts.Labels.Count);
        foreach ((string name, Label label) in facts.Labels)
        {
            writer.Text(name, Limits.TextBytesMax, "a label's name");
            writer.Text(label.Value, Limits.TextBytesMax, "a label's value");
            Write(ref writer, label.Position);
        }

        writer.Count(facts.Aliases.Length);
        foreach (UserAlias alias in facts.Aliases)
        {
            writer.Owner(alias.Owner);
            Write(ref writer, alias.Position);
        }

        if (facts.Older.Count > 0)
        {
            writer.Count(facts.Older.Count);
            writer.Text(facts.Older.Bytes);
        }

        if (!facts.Retractions.IsEmpty)
        {
            writer.Count(facts.Retractions.Length);
            foreach (Retraction retraction in facts.Retractions)
            {
                writer.Int64((long)retraction.IdHash);
                Write(ref writer, retraction.Position);
            }
        }
    }

    /// <summary>Reads facts.</summary>
    /// <param name="reader">Reader at the first byte of the facts; afterwards at the byte after them.</param>
    /// <param name="hasIds">Whether they contain ids of merged users, as earlier versions wrote them.</param>
    public static ProfileFacts Read(ref ByteReader reader, out bool hasIds)
    {
        byte flags = reader.Byte();
        if (flags > (HasErasure | HasConsent | ConsentIsGiven | HasOwnersOnly | HasOlder | HasRetractions) || (flags & (HasConsent | ConsentIsGiven)) == ConsentIsGiven)
        {
            reader.Break();
        }

        LogPosition? erasedUpTo = (flags & HasErasure) != 0 ? LogPositionCodec.Read(ref reader) : null;
        bool? consent = (flags & HasConsent) != 0 ? (flags & ConsentIsGiven) != 0 : null;
        RecordPosition consentPosition = consent is null ? default : ReadPosition(ref reader);
        ImmutableSortedDictionary<string, Label>.Builder labels = None.Labels.ToBuilder();
        int labelCount = reader.Count(Limits.LabelsMax);
        for (int i = 0; i < labelCount && !reader.IsBroken; i++)
        {
            string name = reader.String(Limits.TextBytesMax);
            string value = reader.String(Limits.TextBytesMax);
            if (!labels.TryAdd(name, new Label(value, ReadPosition(ref reader))))
            {
                reader.Break();
            }
        }

        ImmutableArray<UserAlias>.Builder aliases = ImmutableArray.CreateBuilder<UserAlias>();
        int aliasCount = reader.Count(Limits.AliasesMax);
        hasIds = aliasCount > 0 && (flags & HasOwnersOnly) == 0;
        if (aliasCount == 0 && (flags & HasOwnersOnly) != 0)
        {
            reader.Break();
        }

        for (int i = 0; i < aliasCount && !reader.IsBroken; i++)
        {
            if (hasIds)
            {
                reader.Id();
            }

            aliases.Add(new UserAlias(reader.Owner()) { Position = ReadPosition(ref reader) });
        }

        int olderCount = (flags & HasOlder) != 0 ? reader.Count(Limits.OlderStatementsMax) : 0;
        PackedHistory older = olderCount > 0 ? PackedHistory.Load(reader.Bytes(reader.Count(OlderBytesMax)), olderCount) : default;
        ImmutableArray<Retraction>.Builder retractions = ImmutableArray.CreateBuilder<Retraction>();
        int retractionCount = (flags & HasRetractions) != 0 ? reader.Count(Limits.RetractionsMax) : 0;
        for (int i = 0; i < retractionCount && !reader.IsBroken; i++)
        {
            retractions.Add(new Retraction((ulong)reader.Int64(), ReadPosition(ref reader)));
        }

        if (((flags & HasOlder) != 0 && olderCount == 0) || ((flags & HasRetractions) != 0 && retractionCount == 0))
        {
            reader.Break();
        }

        return new ProfileFacts
        {
            ErasedUpTo = erasedUpTo,
            Consent = consent,
            ConsentPosition = consentPosition,
            Labels = labels.ToImmutable(),
            Aliases = aliases.ToImmutable(),
            Older = older,
            Retractions = retractions.ToImmutable(),
        };
    }

    private static void Write(ref ByteWriter writer, RecordPosition position)
    {
        writer.Count(position.Epoch);
        writer.Count(position.Partition);
        writer.Offset(position.Offset);
    }

    private static RecordPosition ReadPosition(ref ByteReader reader) =>
        new(reader.Count(int.MaxValue), reader.Count(LogPosition.PartitionsMax - 1), reader.Offset());
}

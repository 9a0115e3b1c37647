using System.Buffers;
using System.Collections.Immutable;
using CsCheck;
using RecSys.Core.Log;

namespace RecSys.Core.Tests;

/// <summary>Records for tests: encoded with one key, and random over few users, items and ids, so that they concern the same ones.</summary>
internal static class Records
{
    public static readonly OwnerHash Hash = new([.. Enumerable.Range(0, OwnerHash.KeySizeBytes).Select(value => (byte)value)]);

    public static readonly LogRecordCodec Codec = new(Hash);

    public static readonly Gen<string> Id = Gen.OneOf(
        Gen.String[Gen.Char['!', '~'], 1, 12].Where(text => text is not ("." or "..")),
        AnyOf("a/b", "with space", "\"quoted\"", "snow ☃", "emoji 🦊", "日本", new string('x', 512)));

    public static readonly Gen<string> Text = Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 0, 40], AnyOf("", "☃ 🦊", "\0"));

    public static readonly Gen<string> Type = Gen.OneOf(
        AnyOf([.. InteractionTypes.Default.All.Select(type => type.Name)]),
        AnyOf("watched", "Purchase"));

    public static readonly Gen<ImmutableSortedDictionary<string, string>> Labels =
        Gen.Select(Text, Gen.OneOf(Text, Gen.Const("null"))).Array[0, 4].Select(ToLabels);

    private static readonly Gen<double> Finite = Gen.Double.Where(double.IsFinite);

    private static readonly Gen<InteractionContext> Context =
        Gen.Select(Text.Null(), Text.Null(), Text.Null(), Gen.Select(Text, Finite).Array[0, 3]).Select((location, device, time, features) =>
            new InteractionContext
            {
                Location = location,
                Device = device,
                Time = time,
                SessionFeatures = features.DistinctBy(pair => pair.Item1)
                    .ToImmutableSortedDictionary(pair => pair.Item1, pair => pair.Item2, StringComparer.Ordinal),
            });

    public static readonly Gen<LogRecord> Interaction =
        Gen.Select(Id, Id, Type, Gen.Long, Gen.Select(Finite.Nullable(), Id.Null(), Id.Null(), Context.Null()))
            .Select((user, item, type, timestampMs, rest) => (LogRecord)new LogRecord.Interaction(new(user), new(item), type, timestampMs)
            {
                Value = rest.Item1,
                Id = rest.Item2,
                RecommendationId = rest.Item3,
                Context = rest.Item4,
            });

    private static readonly Gen<decimal> Price = Gen.Select(Gen.Long[0, 1_000_000_000_000], Gen.Int[0, Limits.PriceDecimalsMax])
        .Select((digits, decimals) => new decimal((int)digits, (int)(digits >> 32), 0, isNegative: false, (byte)decimals));

    private static readonly Gen<ItemContent> Offer = Gen.OneOf(
        Gen.Const(ItemContent.Empty),
        Gen.Select(Price.Nullable(), AnyOf("EUR", "JPY").Null(), Text.Null(), Text.Null(), Gen.Int[0, Limits.StockMax].Nullable())
            .Select((price, currency, image, url, stock) => new ItemContent { Price = price, Currency = currency, Image = image, Url = url, Stock = stock }));

    public static readonly Gen<ItemContent> Content =
        Gen.Select(Text.Null(), Text.Array[0, 3], Labels, Gen.Select(Text.Null(), Gen.Long.Nullable(), Gen.Long.Nullable(), Gen.Bool))
            .Select((title, categories, labels, rest) => new ItemContent
            {
                Title = title,
                Categories = [.. categories],
                Labels = labels,
                Text = rest.Item1,
                AvailableFromMs = rest.Item2,
                AvailableUntilMs = rest.Item3,
                IsHidden = rest.Item4,
            })
            .SelectMany(content => Offer.Select(offer => offer with
            {
                Title = content.Title,
                Categories = content.Categories,
                Labels = content.Labels,
                Text = content.Text,
                AvailableFromMs = content.AvailableFromMs,
                AvailableUntilMs = content.AvailableUntilMs,
                IsHidden = content.IsHidden,
            }));

    public static readonly Gen<LogPosition> Position =
        Gen.Select(Gen.Int[0, 5], Gen.Long[-1, 1L << 40].Array[0, 4]).Select((epoch, offsets) => new LogPosition(epoch, [.. offsets]));

    /// <summary>A record of any kind.</summary>
    public static readonly Gen<LogRecord> Any = Gen.OneOf(
        Interaction,
        Gen.Select(Id, Id, Gen.Long).Select((user, id, time) => (LogRecord)new LogRecord.InteractionRetracted(new(user), id, time)),
        Gen.Select(Id, Labels, Gen.Bool.Nullable(), Gen.Bool, Gen.Long)
            .Select((user, labels, consent, patch, time) => (LogRecord)new LogRecord.UserChanged(new(user), labels, consent, patch, time)),
        Gen.Select(Id, Id, Gen.Long)
            .Select((target, from, time) => (LogRecord)new LogRecord.UsersMerged(new(target), new(from), Hash.Of(new(from)), time)),
        Gen.Select(Id, Id, Position, Gen.Long)
            .Select((target, from, upTo, time) => (LogRecord)new LogRecord.MergeErased(Hash.Of(new(target)), Hash.Of(new(from)), upTo, time)),
        Gen.Select(Id, Id, Gen.Long)
            .Select((target, from, time) => (LogRecord)new LogRecord.UsersLinked(Hash.Of(new(target)), Hash.Of(new(from)), time)),
        Gen.Select(Id, Position, Gen.Long).Select((user, upTo, time) => (LogRecord)new LogRecord.PersonErased(Hash.Of(new(user)), upTo, time)),
        Gen.Select(Id, Content.Null(), Gen.Long, Gen.Bool).Select((item, content, time, keeps) =>
            (LogRecord)new LogRecord.ItemChanged(new(item), content, time) { KeepsHidden = keeps && content is not null }));

    public static Gen<T> AnyOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(index => values[index]);

    public static byte[] Encode(LogRecord record)
    {
        ArrayBufferWriter<byte> bytes = new();
        Codec.Encode(record, bytes);
        return bytes.WrittenSpan.ToArray();
    }

    public static LogEntry Entry(long offset, LogRecord record) => new(offset, Encode(record));

    public static ImmutableSortedDictionary<string, string> ToLabels(IEnumerable<(string Name, string Value)> labels) =>
        labels.DistinctBy(label => label.Name).ToImmutableSortedDictionary(label => label.Name, label => label.Value, StringComparer.Ordinal);
}

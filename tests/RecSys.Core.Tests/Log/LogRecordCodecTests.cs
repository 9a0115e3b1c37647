using System.Buffers;
using System.Collections.Immutable;
using System.Text;
using CsCheck;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Log;

public sealed class LogRecordCodecTests
{
    private static readonly UserId Ann = new("ann");

    /// <summary>Records and their bytes in version 1: every later version must read them.</summary>
    public static TheoryData<string, LogRecord> Golden { get; } = new()
    {
        {
            "01010D1F12B8196C52B0DB44A5429C83230200E897B69A01000003616E6E00010666696C6D2F37",
            new LogRecord.Interaction(Ann, new("film/7"), "view", 1_764_000_000_000)
        },
        {
            "01010D1F12B8196C52B0DB44A5429C832302010000000000000003616E6E0F00077761746368656408736E6F7720E29883000000000000124003692D3103722D3107044F736C6F0274760532303A3135010564657074680000000000000840",
            new LogRecord.Interaction(Ann, new("snow ☃"), "watched", 1)
            {
                Value = 4.5,
                Id = "i-1",
                RecommendationId = "r-1",
                Context = new InteractionContext
                {
                    Location = "Oslo",
                    Device = "tv",
                    Time = "20:15",
                    SessionFeatures = ImmutableSortedDictionary<string, double>.Empty.Add("depth", 3),
                },
            }
        },
        {
            "01020D1F12B8196C52B0DB44A5429C832302020000000000000003616E6E03692D31",
            new LogRecord.InteractionRetracted(Ann, "i-1", 2)
        },
        {
            "01030D1F12B8196C52B0DB44A5429C832302030000000000000003616E6E070104706C616E0622676F6C6422",
            new LogRecord.UserChanged(Ann, ImmutableSortedDictionary<string, string>.Empty.Add("plan", "\"gold\""), true, true, 3)
        },
        {
            "01040D1F12B8196C52B0DB44A5429C832302040000000000000003616E6E06616E6F6E2D3981A5DAE6C88B202AB8CB6F109365B16E",
            new LogRecord.UsersMerged(Ann, new("anon-9"), Records.Hash.Of(new("anon-9")), 4)
        },
        {
            "01050D1F12B8196C52B0DB44A5429C83230205000000000000000102AD0200",
            new LogRecord.PersonErased(Records.Hash.Of(Ann), new LogPosition(1, [300, -1]), 5)
        },
        {
            "010606000000000000000666696C6D2F373F075374616C6B6572020466696C6D056472616D6101047965617204313937390741207A6F6E652E018001",
            new LogRecord.ItemChanged(
                new("film/7"),
                new ItemContent
                {
                    Title = "Stalker",
                    Categories = ["film", "drama"],
                    Labels = ImmutableSortedDictionary<string, string>.Empty.Add("year", "1979"),
                    Text = "A zone.",
                    AvailableFromMs = -1,
                    AvailableUntilMs = 64,
                    IsHidden = true,
                },
                6)
        },
        {
            "01070D1F12B8196C52B0DB44A5429C832302090000000000000081A5DAE6C88B202AB8CB6F109365B16E0102AD0200",
            new LogRecord.MergeErased(Records.Hash.Of(Ann), Records.Hash.Of(new("anon-9")), new LogPosition(1, [300, -1]), 9)
        },
        {
            "01080D1F12B8196C52B0DB44A5429C8323020A0000000000000081A5DAE6C88B202AB8CB6F109365B16E",
            new LogRecord.UsersLinked(Records.Hash.Of(Ann), Records.Hash.Of(new("anon-9")), 10)
        },
        {
            "010607000000000000000666696C6D2F3700",
            new LogRecord.ItemChanged(new("film/7"), null, 7)
        },
        {
            "010608000000000000000666696C6D2F37410000",
            new LogRecord.ItemChanged(new("film/7"), ItemContent.Empty, 8) { KeepsHidden = true }
        },
        {
            "01090B000000000000000666696C6D2F3783075374616C6B657200001F02C60F034555520C2F7374616C6B65722E6A70671768747470733A2F2F66696C6D732E6578616D706C652F37AC02",
            new LogRecord.ItemChanged(
                new("film/7"),
                new ItemContent { Title = "Stalker", Price = 19.90m, Currency = "EUR", Image = "/stalker.jpg", Url = "https://films.example/7", Stock = 300 },
                11)
        },
        {
            "01090C000000000000000666696C6D2F37C100001000",
            new LogRecord.ItemChanged(new("film/7"), new ItemContent { Stock = 0 }, 12) { KeepsHidden = true }
        },
    };

    [Theory]
    [MemberData(nameof(Golden))]
    public void The_bytes_of_version_1_do_not_change(string hex, LogRecord record)
    {
        Assert.Equal(hex, Convert.ToHexString(Records.Encode(record)));
        LogRecord? read = LogRecordCodec.Decode(Convert.FromHexString(hex));
        Assert.Equal(hex, Convert.ToHexString(Records.Encode(read!)));
    }

    [Fact]
    public void A_record_is_read_as_it_was_written() => Records.Any.Sample(record =>
    {
        byte[] bytes = Records.Encode(record);
        LogRecord read = LogRecordCodec.Decode(bytes)!;

        Assert.Equal(ComparableText(record), ComparableText(read));
        Assert.Equal(bytes, Records.Encode(read));
        Assert.Equal(record is LogRecord.ItemChanged, !LogRecordCodec.TryGetOwner(bytes, out Owner owner));
        Assert.Equal(Records.Codec.OwnerOf(record) ?? default, owner);
    });

    [Fact]
    public void An_interaction_is_read_in_place_as_it_was_written() => Records.Interaction.Sample(record =>
    {
        LogRecord.Interaction interaction = (LogRecord.Interaction)record;
        byte[] bytes = Records.Encode(record);

        Assert.True(EncodedInteraction.TryRead(bytes, out EncodedInteraction read));
        Assert.Equal(Records.Hash.Of(interaction.User), read.Owner);
        Assert.Equal(interaction.TimestampMs, read.TimestampMs);
        Assert.Equal(interaction.User.Value, Encoding.UTF8.GetString(read.UserUtf8));
        Assert.Equal(interaction.Item, read.Item);
        Assert.Equal(interaction.Type, read.Type);
        Assert.Equal(interaction.Value, read.Value);
        Assert.Equal(interaction.Id ?? "", Encoding.UTF8.GetString(read.IdUtf8));
        Assert.Equal(interaction.RecommendationId ?? "", Encoding.UTF8.GetString(read.RecommendationIdUtf8));
        Assert.Equal(interaction.TimestampMs, LogRecordCodec.TimestampMsOf(bytes));
        Assert.Equal(LogRecord.Kind.Interaction, LogRecordCodec.KindOf(bytes));
    });

    [Fact]
    public void A_record_truncated_anywhere_is_corrupt() => Gen.Select(Records.Any, Gen.Int[0, int.MaxValue]).Sample((record, at) =>
    {
        byte[] bytes = Records.Encode(record);
        byte[] cut = bytes[..(at % bytes.Length)];

        Assert.Throws<CorruptRecordException>(() => LogRecordCodec.Decode(cut));
        EncodedInteraction.TryRead(cut, out _); // throws nothing; it may succeed where only the context is cut off, which it does not read
    });

    [Fact]
    public void A_record_with_bytes_after_it_is_corrupt() => Records.Any.Sample(record =>
        Assert.Throws<CorruptRecordException>(() => LogRecordCodec.Decode([.. Records.Encode(record), (byte)(record is LogRecord.UsersLinked ? 1 : 0)]))); // zeros after a link are part of it

    [Fact]
    public void Damaged_bytes_are_corrupt_or_another_record_and_never_crash() =>
        Gen.Select(Records.Any, Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 4]).Sample((record, damages) =>
        {
            byte[] bytes = Records.Encode(record);
            foreach ((int at, byte value) in damages)
            {
                bytes[at % bytes.Length] = value;
            }

            EncodedInteraction.TryRead(bytes, out _);
            LogRecordCodec.TryGetOwner(bytes, out _);
            try
            {
                if (LogRecordCodec.Decode(bytes) is { } other)
                {
                    Records.Encode(other);
                }
            }
            catch (CorruptRecordException)
            {
                // The documented exception for bytes that are not a record.
            }
        }, iter: 20_000);

    [Fact]
    public void Random_bytes_never_crash() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        try
        {
            LogRecordCodec.Decode([1, .. bytes]);
        }
        catch (CorruptRecordException)
        {
            // The documented exception for bytes that are not a record.
        }
    });

    [Fact]
    public void An_erased_record_has_no_content()
    {
        Assert.Null(LogRecordCodec.Decode(LogRecordCodec.ErasedRecord));
        Assert.Equal(LogRecord.Kind.Erased, LogRecordCodec.KindOf(LogRecordCodec.ErasedRecord));
        Assert.False(LogRecordCodec.TryGetOwner(LogRecordCodec.ErasedRecord, out _));
        Assert.Equal(0, LogRecordCodec.TimestampMsOf(LogRecordCodec.ErasedRecord));
    }

    [Fact]
    public void A_record_of_an_unknown_version_is_corrupt()
    {
        byte[] bytes = Records.Encode(new LogRecord.Interaction(Ann, new("x"), "view", 1));
        bytes[0] = 2;

        Assert.Throws<CorruptRecordException>(() => LogRecordCodec.Decode(bytes));
        Assert.Throws<CorruptRecordException>(() => LogRecordCodec.KindOf(bytes));
    }

    [Fact]
    public void A_record_that_could_not_be_read_back_is_not_written()
    {
        LogRecord.Interaction fine = new(Ann, new("x"), "view", 1);
        LogRecord[] refused =
        [
            fine with { Type = "" },
            fine with { Type = new string('t', Limits.IdBytesMax + 1) },
            fine with { Value = double.NaN },
            fine with { Value = double.PositiveInfinity },
            fine with { Id = "" },
            fine with { Id = "\ud800" },
            fine with { RecommendationId = new string('r', Limits.IdBytesMax + 1) },
            fine with { Context = new InteractionContext { Device = new string('d', Limits.TextBytesMax + 1) } },
            fine with { Context = new InteractionContext { SessionFeatures = ImmutableSortedDictionary<string, double>.Empty.Add("f", double.NaN) } },
            new LogRecord.InteractionRetracted(Ann, "..", 1),
            new LogRecord.UserChanged(Ann, Many(Limits.LabelsMax + 1, 1), null, false, 1),
            new LogRecord.UserChanged(Ann, Many(Limits.LabelsMax, Limits.TextBytesMax), null, false, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Title = new string('t', Limits.TextBytesMax + 1) }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Text = new string('t', Limits.ItemTextBytesMax + 1) }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Price = -0.01m }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Price = Limits.PriceMax + 0.1m }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Price = 0.0000001m }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Currency = "EURO" }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Image = new string('i', Limits.UrlBytesMax + 1) }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Url = new string('u', Limits.UrlBytesMax + 1) }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Stock = -1 }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Stock = Limits.StockMax + 1 }, 1),
            new LogRecord.ItemChanged(new("x"), new ItemContent { Categories = [.. Enumerable.Repeat("c", Limits.CategoriesMax + 1)] }, 1),
        ];

        Assert.All(refused, record => Assert.ThrowsAny<ArgumentException>(() => Records.Encode(record)));
    }

    [Fact]
    public void Reading_an_interaction_in_place_allocates_nothing()
    {
        byte[] bytes = Records.Encode(new LogRecord.Interaction(Ann, new("film/7"), "view", 1) { Value = 2, Id = "i", RecommendationId = "r" });
        Read(bytes); // what the runtime allocates at first is not counted
        long before = GC.GetAllocatedBytesForCurrentThread();
        int itemBytes = Read(bytes);
        long after = GC.GetAllocatedBytesForCurrentThread();

        Assert.Equal(600, itemBytes);
        Assert.Equal(before, after);

        static int Read(byte[] bytes)
        {
            int itemBytes = 0;
            for (int i = 0; i < 100; i++)
            {
                itemBytes += EncodedInteraction.TryRead(bytes, out EncodedInteraction read) && read.Type == "view" ? read.ItemUtf8.Length : 0;
            }

            return itemBytes;
        }
    }

    [Fact]
    public void Writing_an_interaction_whose_owner_is_known_allocates_nothing()
    {
        LogRecord record = new LogRecord.Interaction(Ann, new("film/7"), "view", 1) { Value = 2, Id = "i", RecommendationId = "r" };
        Owner? owner = Records.Codec.OwnerOf(record);
        ArrayBufferWriter<byte> into = new(1_024);
        LogRecordCodec.Encode(record, owner, into);
        into.ResetWrittenCount();
        long before = GC.GetAllocatedBytesForCurrentThread();
        LogRecordCodec.Encode(record, owner, into);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static ImmutableSortedDictionary<string, string> Many(int count, int length) =>
        Records.ToLabels(Enumerable.Range(0, count).Select(i => ($"l{i}", new string('v', length))));

    // The collections of records compare by reference.
    private static string ComparableText(LogRecord record) => record switch
    {
        LogRecord.Interaction { Context: { } context } interaction =>
            (interaction with { Context = null }).ToString() + context.Location + context.Device + context.Time + string.Join(';', context.SessionFeatures),
        LogRecord.UserChanged changed => $"{changed.User} {string.Join(';', changed.Labels)} {changed.Consent} {changed.IsPatch} {changed.TimestampMs}",
        LogRecord.ItemChanged { Content: { } content } item =>
            $"{item.Item} {item.TimestampMs} {content.Title} {string.Join(';', content.Categories)} {string.Join(';', content.Labels)} {content.Text}" +
            $" {content.AvailableFromMs} {content.AvailableUntilMs} {content.IsHidden}" +
            FormattableString.Invariant($" {content.Price} {content.Currency} {content.Image} {content.Url} {content.Stock}"),
        LogRecord.PersonErased erased => $"{erased.Owner} {erased.UpTo} {erased.TimestampMs}",
        _ => record.ToString(),
    };
}

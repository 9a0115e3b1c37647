using RecSys.Core;
using RecSys.Core.Slates;
using RecSys.Sqlite.Impressions;
using Xunit;

namespace RecSys.Sqlite.Tests;

public sealed class ImpressionCodecTests
{
    private const string Golden =
        "0101" + "000102030405060708090A0B0C0D0E0F" + "E803000000000000" + "0300722D" + "05006D2D3131" + "02"
        + "0300C3BC" + "0000C03F" + "0000803F" + "020061" + "000080BE" + "0000003E";

    private const string ExplainedGolden =
        "0201" + "000102030405060708090A0B0C0D0E0F" + "E803000000000000" + "0300722D" + "05006D2D3131" + "02" + "020070" + "020071" + "02"
        + "0300C3BC" + "0000C03F" + "0000803F" + "04004E6577" + "00000040" + "000000BF"
        + "020061" + "000080BE" + "0000003E" + "0000" + "00000000" + "00000000";

    [Fact]
    public void The_bytes_of_version_1_do_not_change()
    {
        SlateImpression slate = new(
            "r-", new Owner([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), 1_000, "m-11",
            [new(new ItemId("ü"), 1.5f, 1f), new(new ItemId("a"), -0.25f, 0.125f)]);

        Assert.Equal(Golden, Convert.ToHexString(ImpressionCodec.Encode(slate)));
        SlateImpression? read = ImpressionCodec.Decode(Convert.FromHexString(Golden));
        Assert.Equal(slate.Items, read?.Items);
        Assert.Equal(slate, read! with { Items = slate.Items });
    }

    [Fact]
    public void The_bytes_of_version_2_stay_as_they_are()
    {
        SlateImpression slate = new(
            "r-", new Owner([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]), 1_000, "m-11",
            [new(new ItemId("ü"), 1.5f, 1f) { Reason = "New", Parts = [2f, -0.5f] }, new(new ItemId("a"), -0.25f, 0.125f)])
        {
            PartNames = ["p", "q"],
        };

        Assert.Equal(ExplainedGolden, Convert.ToHexString(ImpressionCodec.Encode(slate)));
        SlateImpression read = ImpressionCodec.Decode(Convert.FromHexString(ExplainedGolden))!;
        Assert.Equal(slate.PartNames, read.PartNames);
        Assert.Equal([2f, -0.5f], read.Items[0].Parts);
        Assert.Equal([0f, 0f], read.Items[1].Parts);
        Assert.Equal(("New", null, -0.25f), (read.Items[0].Reason, read.Items[1].Reason, read.Items[1].Score));
        Assert.True(ImpressionCodec.IsOf(Convert.FromHexString(ExplainedGolden), "r-"u8));
        Assert.False(ImpressionCodec.IsOf(Convert.FromHexString(ExplainedGolden), "r"u8));
        Assert.False(ImpressionCodec.IsOf(new byte[60], "r-"u8));
    }

    [Fact]
    public void Zeros_are_an_erased_slate() => Assert.Null(ImpressionCodec.Decode(new byte[60]));

    [Fact]
    public void Bytes_that_are_not_a_slate_are_reported()
    {
        byte[] bytes = Convert.FromHexString(Golden);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => ImpressionCodec.Decode(bytes.AsSpan(0, length)));
        }

        bytes[0] = 3;
        Assert.Throws<InvalidDataException>(() => ImpressionCodec.Decode(bytes));
    }
}

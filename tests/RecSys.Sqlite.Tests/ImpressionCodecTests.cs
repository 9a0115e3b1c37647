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

    [Fact]
    public void The_bytes_of_version_1_stay_as_they_are()
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
    public void Zeros_are_an_erased_slate() => Assert.Null(ImpressionCodec.Decode(new byte[60]));

    [Fact]
    public void Bytes_that_are_no_slate_are_told()
    {
        byte[] bytes = Convert.FromHexString(Golden);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<InvalidDataException>(() => ImpressionCodec.Decode(bytes.AsSpan(0, length)));
        }

        bytes[0] = 2;
        Assert.Throws<InvalidDataException>(() => ImpressionCodec.Decode(bytes));
    }
}

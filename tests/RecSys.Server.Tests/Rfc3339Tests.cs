using System.Text;
using RecSys.Server.Bodies;

namespace RecSys.Server.Tests;

public sealed class Rfc3339Tests
{
    [Theory]
    [InlineData("1970-01-01T00:00:00Z", 0)]
    [InlineData("1970-01-01t00:00:00z", 0)]
    [InlineData("1970-01-01T01:30:00+01:30", 0)]
    [InlineData("1969-12-31T22:30:00-01:30", 0)]
    [InlineData("1970-01-01T00:00:00.1Z", 100)]
    [InlineData("1970-01-01T00:00:00.12Z", 120)]
    [InlineData("1970-01-01T00:00:00.123456789Z", 123)]
    [InlineData("2024-02-29T23:59:59.999Z", 1_709_251_199_999)]
    [InlineData("2016-12-31T23:59:60Z", 1_483_228_800_000)]
    [InlineData("0001-01-01T00:00:00Z", -62_135_596_800_000)]
    [InlineData("9999-12-31T23:59:59Z", 253_402_300_799_000)]
    public void A_time_is_read_to_the_millisecond(string text, long milliseconds)
    {
        Assert.True(Rfc3339.TryParse(Encoding.UTF8.GetBytes(text), out long read));
        Assert.Equal(milliseconds, read);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1970-01-01")]
    [InlineData("1970-01-01T00:00:00")]
    [InlineData("1970-01-01 00:00:00Z")]
    [InlineData("1970-01-01T00:00Z")]
    [InlineData("1970-13-01T00:00:00Z")]
    [InlineData("1970-00-01T00:00:00Z")]
    [InlineData("1970-01-32T00:00:00Z")]
    [InlineData("2023-02-29T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("1970-01-01T24:00:00Z")]
    [InlineData("1970-01-01T00:60:00Z")]
    [InlineData("1970-01-01T00:00:61Z")]
    [InlineData("1970-01-01T00:00:00.Z")]
    [InlineData("1970-01-01T00:00:00.1234567890Z")]
    [InlineData("1970-01-01T00:00:00+0100")]
    [InlineData("1970-01-01T00:00:00+24:00")]
    [InlineData("1970-01-01T00:00:00ZZ")]
    [InlineData("197-01-01T00:00:00ZZZ")]
    [InlineData("١٩٧٠-01-01T00:00:00Z")]
    public void A_text_that_is_not_a_time_of_RFC_3339_is_refused(string text) => Assert.False(Rfc3339.TryParse(text, out _));

    [Theory]
    [InlineData(0, "1970-01-01T00:00:00.000Z")]
    [InlineData(long.MinValue, "0001-01-01T00:00:00.000Z")]
    [InlineData(long.MaxValue, "9999-12-31T23:59:59.999Z")]
    public void A_time_is_written_in_UTC(long milliseconds, string text) => Assert.Equal(text, Rfc3339.ToText(milliseconds));
}

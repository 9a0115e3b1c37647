using System.Text;
using RecSys.Cli.Import;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class LinesTests
{
    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\n\nb", new[] { "a", "", "b" })]
    [InlineData("\uFEFFa\nb\n", new[] { "a", "b" })]
    public void A_stream_is_split_at_its_line_ends(string text, string[] lines) => Assert.Equal(lines, Read(Encoding.UTF8.GetBytes(text), 100));

    [Fact]
    public void A_line_that_is_too_long_is_skipped_and_the_next_is_read()
    {
        string text = new string('x', 300_000) + "\nshort\n" + new string('y', 200_000);

        Assert.Equal([null, "short", null], Read(Encoding.UTF8.GetBytes(text), 100_000));
    }

    [Fact]
    public void A_line_may_be_as_long_as_the_limit()
    {
        string line = new('x', 100_000);

        Assert.Equal([line, "b"], Read(Encoding.UTF8.GetBytes(line + "\nb"), 100_000));
    }

    private static List<string?> Read(byte[] bytes, int lengthMax)
    {
        using MemoryStream stream = new(bytes);
        List<string?> lines = [];
        foreach (ReadOnlyMemory<byte>? line in Lines.Read(stream, lengthMax))
        {
            lines.Add(line is { } text ? Encoding.UTF8.GetString(text.Span) : null);
        }

        return lines;
    }
}

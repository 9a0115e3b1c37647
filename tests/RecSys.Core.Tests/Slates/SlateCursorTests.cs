using RecSys.Core.Slates;
using Xunit;

namespace RecSys.Core.Tests.Slates;

public sealed class SlateCursorTests
{
    // Written by version 1 for items "a", "b" and "c".
    private const string Golden = "AQMArLp4Dc8N0E6oVUGkWFgqjw";

    [Fact]
    public void A_cursor_contains_the_shown_items_of_all_pages()
    {
        string first = SlateCursor.After(null, Hashes("a", "b"))!;
        Assert.True(SlateCursor.TryParse(first, out SlateCursor? cursor));
        string second = SlateCursor.After(cursor, Hashes("c"))!;
        Assert.True(SlateCursor.TryParse(second, out SlateCursor? all));

        Assert.Equal(
            Hashes("a", "b", "c").Select(ItemHash.HighBits).Order(),
            all.Shown.ToArray());
    }

    [Fact]
    public void Old_cursors_stay_readable()
    {
        Assert.Equal(Golden, SlateCursor.After(null, Hashes("a", "b", "c")));
        Assert.True(SlateCursor.TryParse(Golden, out SlateCursor? cursor));
        Assert.Equal(3, cursor.Shown.Length);
    }

    [Fact]
    public void The_page_that_reaches_the_limit_is_the_last()
    {
        ulong[] hashes = Hashes([.. Enumerable.Range(0, SlateCursor.ShownMax).Select(i => $"item {i}")]);
        string last = SlateCursor.After(null, hashes.AsSpan(0, SlateCursor.ShownMax - 1))!;

        Assert.InRange(last.Length, 1, SlateCursor.TextLengthMax);
        Assert.True(SlateCursor.TryParse(last, out SlateCursor? cursor));
        Assert.Null(SlateCursor.After(cursor, hashes.AsSpan(SlateCursor.ShownMax - 1)));
        Assert.Null(SlateCursor.After(null, []));
    }

    [Fact]
    public void Every_damaged_cursor_is_refused()
    {
        string text = SlateCursor.After(null, Hashes("a", "b", "c"))!;
        for (int at = 0; at < text.Length; at++)
        {
            foreach (char other in "AQz9-_!")
            {
                string damaged = $"{text[..at]}{other}{text[(at + 1)..]}";
                Assert.True(damaged == text || !SlateCursor.TryParse(damaged, out _), damaged);
            }

            Assert.False(SlateCursor.TryParse(text[..at], out _));
        }

        Assert.False(SlateCursor.TryParse(null, out _));
        Assert.False(SlateCursor.TryParse(new string('A', SlateCursor.TextLengthMax + 1), out _));
    }

    private static ulong[] Hashes(params string[] ids) => [.. ids.Select(id => ItemHash.Of(new ItemId(id)))];
}

using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class RecommendTests
{
    [Fact]
    public void A_reason_reads_as_a_sentence_where_the_cause_is_in_the_cart()
    {
        using World world = World.WithModel();
        world.Does("ann", "addToCart", "a00");

        Assert.Contains(world.Recommend("ann").Items, item => item.Explanation == "Because you put “Title a00” in your cart");
    }

    [Fact]
    public void A_reader_of_books_gets_books_with_the_reason()
    {
        using World world = World.WithModel();
        world.Options.CauseShareMax = 1;
        world.Does("ann", "purchase", "a00", TimeSpan.FromDays(2));
        world.Does("ann", "view", "a03", TimeSpan.FromDays(1));

        Slate slate = world.Recommend("ann");

        Assert.Equal(ServedBy.Full, slate.ServedBy);
        Assert.False(slate.IsDegraded);
        Assert.False(slate.IsColdUser);
        Assert.Equal(10, slate.Items.Length);
        Assert.All(slate.Items, item => Assert.Equal('a', item.Item.Value[0]));
        Assert.DoesNotContain("a00", World.Ids(slate));
        Assert.All(slate.Items, item => Assert.Matches("^(Because you|Similar to) ", item.Explanation));
        Assert.Contains(slate.Items, item => item.Explanation == "Because you bought “Title a00”");
        Assert.All(slate.Items, item => Assert.InRange(item.Confidence, 0.01, 0.99));
        Assert.Equal(slate.Items.Select(item => item.Score).OrderDescending(), slate.Items.Select(item => item.Score));
        Assert.Equal(26, slate.RecommendationId.Length);
        Assert.Equal(2, slate.InteractionsHeld);
    }

    [Fact]
    public void A_recent_click_changes_the_slate()
    {
        using World world = World.WithModel();
        world.Does("ann", "like", "a00", TimeSpan.FromDays(2));
        string[] before = World.Ids(world.Recommend("ann"));

        world.Does("ann", "click", "b05");
        Slate after = world.Recommend("ann");

        Assert.DoesNotContain("b06", before);
        Assert.Contains("b06", World.Ids(after).Take(5));
        Assert.Contains("similar", after.Items.First(item => item.Item.Value == "b06").Sources);
    }
}

using RecSys.Core;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class PagingTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(0.8)]
    public void Pages_never_repeat_an_item_and_end(double diversity)
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        List<string> shown = [];
        SlateRequest request = new() { User = new UserId("ann"), Count = 7, Diversity = diversity };
        int pages = 0;
        do
        {
            Slate slate = world.Recommend(request);
            shown.AddRange(World.Ids(slate));
            request = request with { Cursor = slate.Next };
            world.Does("ann", "view", slate.Items[0].Item.Value);
            pages++;
        }
        while (request.Cursor is not null);

        Assert.Equal(shown.Distinct(), shown);
        Assert.Equal(2 * World.PerCluster, shown.Count);
        Assert.Equal(6, pages);
    }

    [Fact]
    public void An_item_bought_between_two_pages_is_not_on_the_next_page()
    {
        using World world = World.WithModel();
        world.Does("ann", "view", "a00");
        SlateRequest request = new() { User = new UserId("ann"), Count = 5 };
        Slate first = world.Recommend(request);
        string[] expected = World.Ids(world.Recommend(request with { Cursor = first.Next }));

        world.Does("ann", "purchase", expected[0]);
        world.Set(expected[1], null);
        string[] second = World.Ids(world.Recommend(request with { Cursor = first.Next }));

        Assert.DoesNotContain(expected[0], second);
        Assert.DoesNotContain(expected[1], second);
        Assert.Equal(5, second.Length);
    }

    [Fact]
    public void An_invalid_cursor_is_refused()
    {
        using World world = World.WithModel();
        SlateRequest request = new() { Cursor = "made-up" };

        Assert.Equal("next", request.Problem()!.Field);
        Assert.Throws<ArgumentException>(() => { world.Recommend(request); });
    }

    [Fact]
    public void A_cold_user_can_page_too()
    {
        using World world = World.WithModel();
        Slate first = world.Recommend("nobody", 15);

        Slate second = world.Recommend(new SlateRequest { User = new UserId("nobody"), Count = 15, Cursor = first.Next });

        Assert.Equal(15, second.Items.Length);
        Assert.Empty(World.Ids(first).Intersect(World.Ids(second)));
    }
}

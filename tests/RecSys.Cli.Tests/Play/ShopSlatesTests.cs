using RecSys.Core;
using RecSys.Core.Slates;
using Xunit;

namespace RecSys.Cli.Tests.Play;

/// <summary>The first slates of the simulated shop, as a person would judge them.</summary>
public sealed class ShopSlatesTests(ShopSlates shop) : IClassFixture<ShopSlates>
{
    [Fact]
    public void The_first_ten_items_of_each_shopper_are_of_at_least_two_of_their_tastes()
    {
        List<string> narrow = [];
        foreach (string shopper in shop.Shop.Featured.Select(featured => featured.UserId))
        {
            Dictionary<string, int> departments = shop.Departments(shop.Slate(shopper, []));
            int liked = shop.TastesOf(shopper).Count(departments.ContainsKey);
            if (liked < Math.Min(2, shop.TastesOf(shopper).Length))
            {
                narrow.Add($"{shopper}, who likes {string.Join(" and ", shop.TastesOf(shopper))}: {Text(departments)}");
            }
        }

        Assert.True(narrow.Count == 0, string.Join("; ", narrow));
    }

    [Fact]
    public void Two_liked_items_of_another_department_take_places_at_once()
    {
        ItemId[] audio = [.. shop.Items("Audio").Take(6)];
        ItemId[] home = [.. shop.Items("Home").Take(2)];

        Slate slate = shop.Slate(shopper: null,
        [
            ("view", audio[0]), ("view", audio[1]), ("view", audio[2]), ("purchase", audio[0]),
            ("hide", audio[3]), ("hide", audio[4]), ("hide", audio[5]), ("like", home[0]), ("like", home[1]),
        ]);

        Dictionary<string, int> departments = shop.Departments(slate);
        Assert.True(departments.GetValueOrDefault("Home") >= 2, Text(departments));
    }

    [Fact]
    public void Two_liked_items_of_another_department_take_places_beside_a_long_history()
    {
        List<string> missed = WithoutPlacesOfNewLikes(shop);

        Assert.True(missed.Count == 0, string.Join("; ", missed));
    }

    [Fact]
    public void Three_views_of_a_new_department_leave_places_to_old_tastes()
    {
        List<string> lost = WithoutPlacesOfOldTastes(shop);

        Assert.True(lost.Count == 0, string.Join("; ", lost));
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task In_other_shops_too_new_likes_and_old_tastes_have_places_for_nineteen_of_twenty_shoppers()
    {
        List<string> problems = [];
        int shoppers = 0;
        for (ulong seed = 1; seed <= 5; seed++)
        {
            await using ShopSlates other = ShopSlates.Of(seed);
            await other.InitializeAsync();
            shoppers += other.Shop.Featured.Count;
            problems.AddRange(WithoutPlacesOfNewLikes(other));
            problems.AddRange(WithoutPlacesOfOldTastes(other));
        }

        Assert.True(20 * problems.Count <= 2 * shoppers, string.Join("; ", problems));
    }

    /// <summary>Returns the shoppers in whose ten places two new likes of another department have fewer than two.</summary>
    private static List<string> WithoutPlacesOfNewLikes(ShopSlates shop)
    {
        List<string> missed = [];
        foreach (string shopper in shop.Shop.Featured.Select(featured => featured.UserId))
        {
            string other = Cli.Play.ShopWorld.Categories.First(department => !shop.TastesOf(shopper).Contains(department));
            Dictionary<string, int> departments = shop.Departments(shop.Slate(shopper, [.. shop.Items(other).Take(2).Select(item => ("like", item))]));
            if (departments.GetValueOrDefault(other) < 2)
            {
                missed.Add($"{shopper}, {other}: {Text(departments)}");
            }
        }

        return missed;
    }

    /// <summary>Returns the shoppers in whose ten places old tastes have fewer than four after three views of a new department.</summary>
    private static List<string> WithoutPlacesOfOldTastes(ShopSlates shop)
    {
        List<string> lost = [];
        foreach (string shopper in shop.Shop.Featured.Select(featured => featured.UserId))
        {
            string other = Cli.Play.ShopWorld.Categories.Last(department => !shop.TastesOf(shopper).Contains(department));
            Dictionary<string, int> departments = shop.Departments(shop.Slate(shopper, [.. shop.Items(other).Take(3).Select(item => ("view", item))]));
            int old = shop.TastesOf(shopper).Sum(taste => departments.GetValueOrDefault(taste));
            if (old < 4)
            {
                lost.Add($"{shopper}, who likes {string.Join(" and ", shop.TastesOf(shopper))}, viewed {other}: {Text(departments)}");
            }
        }

        return lost;
    }

    [Fact]
    public void At_most_three_of_ten_items_have_one_cause()
    {
        foreach (string shopper in shop.Shop.Featured.Select(featured => featured.UserId))
        {
            Slate slate = shop.Slate(shopper, []);
            string[] causes = [.. slate.Items.Select(item => item.Explanation).Where(reason => reason.Contains('“', StringComparison.Ordinal))
                .Select(reason => reason[reason.IndexOf('“', StringComparison.Ordinal)..])];

            Assert.Equal(10, slate.Items.Length);
            Assert.All(causes.CountBy(cause => cause), cause => Assert.True(cause.Value <= 3, $"{shopper}: {cause.Value} of ten because of {cause.Key}"));
        }
    }

    [Fact]
    public void Three_hidden_items_of_a_department_lower_it()
    {
        ItemId[] audio = [.. shop.Items("Audio").Take(9)];
        ItemId[] home = [.. shop.Items("Home").Take(4)];
        (string, ItemId)[] liked = [("like", audio[0]), ("like", audio[1]), ("like", home[0]), ("like", home[1])];

        int before = shop.Departments(shop.Slate(null, liked)).GetValueOrDefault("Audio");
        int after = shop.Departments(shop.Slate(null, [.. liked, ("hide", audio[3]), ("hide", audio[4]), ("hide", audio[5])])).GetValueOrDefault("Audio");

        Assert.True(after < before, $"{before} before, {after} after");
    }

    [Fact]
    public void An_item_bought_once_does_not_bring_ten_of_its_department()
    {
        ItemId[] audio = [.. shop.Items("Audio").Take(3)];

        Dictionary<string, int> departments = shop.Departments(shop.Slate(null, [("view", audio[0]), ("view", audio[1]), ("purchase", audio[0])]));

        Assert.True(departments.GetValueOrDefault("Audio") <= 3, Text(departments));
        Assert.Equal(10, departments.Values.Sum());
    }

    [Fact]
    public void Each_slate_has_reasons_that_name_something()
    {
        foreach (string shopper in shop.Shop.Featured.Select(featured => featured.UserId))
        {
            Assert.All(shop.Slate(shopper, []).Items, item => Assert.False(string.IsNullOrWhiteSpace(item.Explanation) || item.Explanation.Contains("  ", StringComparison.Ordinal)));
        }
    }

    private static string Text(Dictionary<string, int> departments) =>
        string.Join(", ", departments.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Key} ×{pair.Value}"));
}

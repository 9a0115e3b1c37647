using RecSys.Cli.Play;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Cli.Tests.Play;

public sealed class ShopWorldTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 12, 0, 0, TimeSpan.Zero);

    private static readonly LogRecord[] Records = [.. new ShopWorld(new ShopWorldOptions(), Now).Records()];

    [Fact]
    public void The_shop_has_a_thousand_items_with_distinct_titles()
    {
        LogRecord.ItemChanged[] items = [.. Records.OfType<LogRecord.ItemChanged>()];

        Assert.Equal(1_000, items.Length);
        Assert.All(items, item => Assert.False(string.IsNullOrEmpty(item.Content?.Title)));
        Assert.True(items.Select(item => item.Content!.Title).Distinct().Count() > 990);
        Assert.All(items, item => Assert.Equal("EUR", item.Content!.Currency));
        Assert.All(items, item => Assert.InRange(item.Content!.Price!.Value, 3.95m, 2_000m));
    }

    [Fact]
    public void The_shops_history_is_a_month_in_order_that_ends_now()
    {
        LogRecord.Interaction[] interactions = [.. Records.OfType<LogRecord.Interaction>()];

        Assert.InRange(interactions.Length, 40_000, 100_000);
        Assert.Equal(interactions.OrderBy(interaction => interaction.TimestampMs), interactions);
        Assert.True(interactions[0].TimestampMs >= Now.AddDays(-31).ToUnixTimeMilliseconds());
        Assert.True(interactions[^1].TimestampMs < Now.ToUnixTimeMilliseconds());
    }

    [Fact]
    public void Shoppers_mostly_interact_with_items_of_their_tastes()
    {
        ShopWorld world = new(new ShopWorldOptions(), Now);
        Dictionary<string, string> department = Records.OfType<LogRecord.ItemChanged>()
            .ToDictionary(item => item.Item.Value, item => item.Content!.Categories[0]);
        FeaturedShopper shopper = world.Featured[0];

        string[] touched = [.. Records.OfType<LogRecord.Interaction>()
            .Where(interaction => interaction.User.Value == shopper.UserId)
            .Select(interaction => department[interaction.Item.Value])];

        Assert.NotEmpty(touched);
        Assert.True(
            touched.Count(name => shopper.Tastes.Any(taste => taste.StartsWith(name, StringComparison.Ordinal))) > touched.Length / 2,
            $"{string.Join(", ", shopper.Tastes)}: {string.Join(' ', touched)}");
    }

    [Fact]
    public void Several_of_the_twelve_shoppers_have_mixed_tastes()
    {
        Dictionary<string, string> department = Records.OfType<LogRecord.ItemChanged>()
            .ToDictionary(item => item.Item.Value, item => item.Content!.Categories[0]);
        ILookup<string, string> touched = Records.OfType<LogRecord.Interaction>()
            .ToLookup(interaction => interaction.User.Value, interaction => department[interaction.Item.Value]);

        int mixed = new ShopWorld(new ShopWorldOptions(), Now).Featured.Count(shopper =>
            touched[shopper.UserId].CountBy(name => name).Count(pair => pair.Value * 6 > touched[shopper.UserId].Count()) >= 3);

        Assert.InRange(mixed, 3, 12); // each with three departments of more than a sixth of what they did
    }

    [Fact]
    public void The_same_seed_and_time_give_the_same_shop() =>
        Assert.Equal(Describe(Records), Describe(new ShopWorld(new ShopWorldOptions(), Now).Records()));

    private static IEnumerable<string> Describe(IEnumerable<LogRecord> records) => records.Select(record => record switch
    {
        LogRecord.ItemChanged item => $"{item.Item} {item.TimestampMs} {item.Content!.Title} {string.Join(' ', item.Content.Labels)}",
        LogRecord.UserChanged user => $"{user.User} {string.Join(' ', user.Labels)}",
        _ => record.ToString(),
    });
}

using RecSys.Cli.Bench;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>Tests what the real program has completed when it reports that it is ready.</summary>
[Trait("Category", "Slow")]
public sealed class FirstAnswerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Before_it_listens_a_server_has_read_a_profile_and_counted_no_slate()
    {
        using ShopFolder shop = new();
        await using ServerProcess server = await shop.StartAsync();
        using RecSysClient client = ShopFolder.Client(server);

        string metrics = await client.GetMetricsAsync(Cancel);

        Assert.Matches(@"(?m)^recsys_users_live\S* 1\b", metrics);
        Assert.DoesNotContain("recsys_serving_slate", metrics, StringComparison.Ordinal);
        Assert.Equal(0, (await client.GetStatusAsync(Cancel)).LogEnd);
    }

    [Fact]
    public async Task The_first_slate_of_a_server_is_a_full_one()
    {
        using ShopFolder shop = new();
        await using (ServerProcess teacher = await shop.StartAsync())
        {
            using RecSysClient client = ShopFolder.Client(teacher);
            await client.RecordAsync([.. ShopFolder.Crowd()], cancellationToken: Cancel);
            await ShopFolder.RunAsync(client, "train");
        }

        await using ServerProcess server = await shop.StartAsync();
        using RecSysClient first = ShopFolder.Client(server);
        RecommendationsResponse slate = await first.GetRecommendationsAsync("user-1", cancellationToken: Cancel);

        Assert.Empty(slate.DegradedReasons ?? []);
        Assert.Equal("full", slate.ServedBy);
    }
}

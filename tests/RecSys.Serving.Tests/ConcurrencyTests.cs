using RecSys.Core;
using RecSys.Core.Slates;

namespace RecSys.Serving.Tests;

public sealed class ConcurrencyTests
{
    [Fact]
    public async Task Concurrent_requests_answer_as_sequential_ones_while_models_are_replaced()
    {
        using World world = World.WithModel();
        string[] users = [.. Enumerable.Range(0, 8).Select(user => $"user {user}")];
        foreach (string user in users)
        {
            int number = user[^1] - '0';
            world.Does(user, "view", $"a{number:00}");
            world.Does(user, "like", $"b{2 * number:00}", TimeSpan.FromDays(1));
        }

        string[][] expected = [.. users.Select(user => World.Ids(world.Recommend(user)))];
        using CancellationTokenSource done = CancellationTokenSource.CreateLinkedTokenSource(World.Token);
        Task swapping = Task.Run(() =>
        {
            while (!done.IsCancellationRequested)
            {
                world.Models.Serve(TestKit.Models.SmallModels.Snapshot(World.ClusterModel()));
            }
        }, World.Token);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(worker => Task.Run(async () =>
        {
            for (int i = 0; i < 200; i++)
            {
                int user = (i + worker) % users.Length;
                Slate slate = await world.Recommender.RecommendAsync(new SlateRequest { User = new UserId(users[user]) }, World.Token);
                Assert.Equal(expected[user], World.Ids(slate));
            }
        }, World.Token)));
        await done.CancelAsync();
        await swapping;
    }
}

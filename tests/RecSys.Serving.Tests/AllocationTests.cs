using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Slates;
using RecSys.TestKit.Models;

namespace RecSys.Serving.Tests;

public sealed class AllocationTests
{
    [Fact]
    public void The_allocation_of_a_slate_does_not_grow_with_its_candidates()
    {
        long few = PerSlate(items: 500, candidates: 50);
        long many = PerSlate(items: 5_000, candidates: 2_000);

        // 1,950 more candidates: even 4 bytes each would be measured.
        Assert.InRange(many, 0, few + 4_000);
        Assert.InRange(few, 0, 24_000);
    }

    private static long PerSlate(int items, int candidates)
    {
        using World world = new();
        world.Options.EmbeddingCandidates = candidates;
        ModelContent content = SmallModels.Content(Enumerable.Range(0, items).Select(i => $"item{i}"), dimension: 16);
        Random random = new(1);
        for (int i = 0; i < content.Factors.Length; i++)
        {
            content.Factors[i] = random.NextSingle();
        }

        world.Models.Serve(SmallModels.Snapshot(content));
        world.Does("ann", "view", "item1");
        world.Does("ann", "view", "item7");
        SlateRequest request = new() { User = new UserId("ann"), Diversity = 0.3 };
        for (int i = 0; i < 5; i++)
        {
            Assert.Equal(10, world.Recommend(request).Items.Length);
        }

        const int Slates = 20;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Slates; i++)
        {
            world.Recommend(request);
        }

        return (GC.GetAllocatedBytesForCurrentThread() - before) / Slates;
    }
}

using RecSys.Core;
using RecSys.Core.Slates;
using RecSys.TestKit;

namespace RecSys.Serving.Tests;

/// <summary>Lifetimes do not depend on jumps of the wall clock.</summary>
public sealed class ClockJumpTests
{
    private static readonly Slate Kept = new() { RecommendationId = "r", ServedBy = ServedBy.Full };

    public static TheoryData<int> Years => [-10, -1, 1, 10];

    [Theory]
    [MemberData(nameof(Years))]
    public void A_jump_of_the_clock_does_not_change_the_lifetime_of_a_cached_slate(int years)
    {
        JumpingTime time = new();
        ServingOptions options = new();
        SlateCache cache = new(time, options);
        Owner ann = World.OwnerOf("ann");
        cache.Put(ann, 1, Kept, cache.ErasureCount);

        time.Ahead = TimeSpan.FromDays(365 * years);
        time.Advance(options.CachedSlateLifetime);
        Assert.Same(Kept, cache.TryGet(ann, 1, out TimeSpan age));
        Assert.Equal(options.CachedSlateLifetime, age);

        time.Advance(TimeSpan.FromTicks(1));
        Assert.Null(cache.TryGet(ann, 1, out _));
    }
}

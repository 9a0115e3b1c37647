using RecSys.Core.Ports;
using Xunit;

namespace RecSys.TestKit;

/// <summary>The requirements on every <see cref="ILeaseTable"/>. An adapter's tests inherit it.</summary>
public abstract class LeaseTableContract
{
    private static readonly TimeSpan LongDuration = TimeSpan.FromMinutes(10);

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Opens the same leases again, as another node does.</summary>
    protected abstract ILeaseTable Open();

    /// <summary>Waits for a time, or advances a fake clock, so that it passes on the clock of the store.</summary>
    protected abstract Task PassAsync(TimeSpan time);

    [Fact]
    public async Task A_lease_has_one_owner_until_it_is_released()
    {
        LeaseHolding taken = await Open().TakeAsync("seed", "ada", LongDuration, Cancel);
        LeaseHolding refused = await Open().TakeAsync("seed", "bob", LongDuration, Cancel);

        Assert.Equal(("ada", 1), (taken.Owner, taken.Version));
        Assert.Equal(("ada", 1), (refused.Owner, refused.Version));
        Assert.InRange(refused.Left, LongDuration - TimeSpan.FromMinutes(1), LongDuration);
        Assert.Equal("ada", (await Open().ReadAsync("seed", Cancel))?.Owner);

        await Open().ReleaseAsync("seed", "ada", Cancel);

        Assert.Null(await Open().ReadAsync("seed", Cancel));
        LeaseHolding next = await Open().TakeAsync("seed", "bob", LongDuration, Cancel);
        Assert.Equal(("bob", 2), (next.Owner, next.Version));
    }

    [Fact]
    public async Task The_owner_prolongs_its_lease()
    {
        await Open().TakeAsync("seed", "ada", TimeSpan.FromMinutes(1), Cancel);

        LeaseHolding prolonged = await Open().TakeAsync("seed", "ada", LongDuration, Cancel);

        Assert.Equal(("ada", 1), (prolonged.Owner, prolonged.Version));
        Assert.InRange(prolonged.Left, TimeSpan.FromMinutes(2), LongDuration);
    }

    [Fact]
    public async Task A_lease_that_is_not_prolonged_ends()
    {
        await Open().TakeAsync("seed", "ada", TimeSpan.FromSeconds(1), Cancel);
        await PassAsync(TimeSpan.FromSeconds(1.1));

        Assert.Null(await Open().ReadAsync("seed", Cancel));
        LeaseHolding next = await Open().TakeAsync("seed", "bob", LongDuration, Cancel);
        LeaseHolding late = await Open().TakeAsync("seed", "ada", LongDuration, Cancel);

        Assert.Equal(("bob", 2), (next.Owner, next.Version));
        Assert.Equal(("bob", 2), (late.Owner, late.Version));
    }

    [Fact]
    public async Task Another_owner_cannot_release_a_lease()
    {
        await Open().TakeAsync("seed", "ada", LongDuration, Cancel);

        await Open().ReleaseAsync("seed", "bob", Cancel);
        await Open().ReleaseAsync("another", "bob", Cancel);

        Assert.Equal("ada", (await Open().ReadAsync("seed", Cancel))?.Owner);
    }

    [Fact]
    public async Task Leases_of_other_names_are_independent()
    {
        await Open().TakeAsync("seed", "ada", LongDuration, Cancel);

        Assert.Equal("bob", (await Open().TakeAsync("split", "bob", LongDuration, Cancel)).Owner);
        Assert.Null(await Open().ReadAsync("third", Cancel));
    }

    [Fact]
    public async Task One_of_many_concurrent_takers_holds_a_free_lease()
    {
        for (int round = 0; round < 20; round++)
        {
            string name = $"seed{round}";
            LeaseHolding[] answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(taker =>
                Task.Run(async () => await Open().TakeAsync(name, $"taker{taker}", LongDuration, Cancel), Cancel)));

            Assert.Single(answers.Select(answer => answer.Owner).Distinct());
            Assert.All(answers, answer => Assert.Equal(1, answer.Version));
        }
    }

    [Fact]
    public async Task A_name_an_owner_or_a_duration_outside_its_limits_is_refused()
    {
        ILeaseTable leases = Open();
        string tooLong = new('a', ILeaseTable.TextMax + 1);

        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await leases.TakeAsync("", "ada", LongDuration, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await leases.TakeAsync(tooLong, "ada", LongDuration, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await leases.TakeAsync("seed", "", LongDuration, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await leases.TakeAsync("seed", tooLong, LongDuration, Cancel));
        await Assert.ThrowsAnyAsync<ArgumentException>(async () => await leases.TakeAsync("seed", "ada", TimeSpan.Zero, Cancel));
        Assert.Null(await leases.ReadAsync("seed", Cancel));
    }
}

using System.Collections.Immutable;
using System.Runtime.ExceptionServices;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Speed.Users;
using RecSys.TestKit;
using Xunit;
using static RecSys.Speed.Tests.Records;

namespace RecSys.Speed.Tests.Users;

public sealed class UserProfilesTests
{
    /// <summary>
    /// A read was lost where the answer came between the time-out of the wait and the check whether the answer was there: the time-out escaped.
    /// The runtime reports an exception before its filters run, which is this moment.
    /// </summary>
    [Fact]
    public async Task An_answer_that_arrives_at_the_end_of_the_wait_counts()
    {
        TaskCompletionSource asked = new();
        void OnThrown(object? sender, FirstChanceExceptionEventArgs thrown)
        {
            if (thrown.Exception is TimeoutException)
            {
                asked.TrySetResult();
            }
        }

        AppDomain.CurrentDomain.FirstChanceException += OnThrown;
        try
        {
            await UserProfiles.IsLateAsync(asked.Task, TimeSpan.Zero);
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= OnThrown;
        }
    }

    [Fact]
    public async Task Only_a_missing_answer_is_late()
    {
        Assert.True(await UserProfiles.IsLateAsync(new TaskCompletionSource().Task, TimeSpan.Zero));
        Assert.False(await UserProfiles.IsLateAsync(Task.CompletedTask, TimeSpan.Zero));
        Assert.False(await UserProfiles.IsLateAsync(Task.FromException(new StoreUnavailableException("away")), TimeSpan.FromDays(1)));
    }

    [Fact]
    public async Task A_read_follows_as_many_merged_users_as_the_limit_and_what_concerns_the_person_all_of_them()
    {
        const int Merges = Limits.AliasesMax + 4;
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition end = await node.AppendAsync([.. Enumerable.Range(0, Merges).Select(index => Merged($"guest{index}", $"guest{index + 1}"))]);

        ProfileReading read = await node.Profiles.GetAsync(new UserId("guest0"), end, TestContext.Current.CancellationToken);
        (ImmutableArray<Owner> all, bool isReflected) = await node.Get<IMergedUsers>().FindAsync(new UserId("guest0"), end, TestContext.Current.CancellationToken);

        Owner[] chain = [.. Enumerable.Range(1, Merges).Select(index => SpeedNode.Hash.Of(new UserId($"guest{index}")))];
        Assert.Equal(chain[..Limits.AliasesMax], read.MergedOwners);
        Assert.True(read.HasMoreMerged);
        Assert.Equal(1, node.Layer.Counters.MergeCuts);
        Assert.Equal(chain, all);
        Assert.True(isReflected);
    }

    [Fact]
    public async Task A_read_that_follows_all_merged_users_leaves_out_none()
    {
        await using SpeedNode node = await SpeedNode.StartAsync();
        LogPosition end = await node.AppendAsync(
            [.. Enumerable.Range(0, Limits.AliasesMax).Select(index => Merged($"guest{index}", $"guest{index + 1}")), Merged($"guest{Limits.AliasesMax}", "guest0")]);

        ProfileReading read = await node.Profiles.GetAsync(new UserId("guest0"), end, TestContext.Current.CancellationToken);

        Assert.Equal((Limits.AliasesMax, false), (read.MergedOwners.Length, read.HasMoreMerged));
        Assert.Equal(0, node.Layer.Counters.MergeCuts);
    }

    [Fact]
    public async Task The_lag_of_profiles_is_unknown_until_ingestion_has_begun()
    {
        Stores stores = new();
        stores.Table.Fault = new StoreUnavailableException("away");
        await using SpeedNode node = await SpeedNode.StartAsync(stores);
        Assert.Null(node.Profiles.LagMs);

        stores.Table.Fault = null;
        await Eventually.TrueAsync(() => node.Profiles.LagMs is not null, "ingestion begins");
        Assert.Equal(0, node.Profiles.LagMs);

        await node.StopAsync();
        Assert.Null(node.Profiles.LagMs);
    }
}

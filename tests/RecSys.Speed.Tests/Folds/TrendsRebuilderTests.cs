using Akka.Actor;
using RecSys.Speed.Folds;
using Xunit;

namespace RecSys.Speed.Tests.Folds;

/// <summary>The rebuild that a node runs for another one.</summary>
public sealed class TrendsRebuilderTests : Akka.TestKit.Xunit.TestKit
{
    private readonly TaskCompletionSource _began = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly IActorRef _rebuilder;

    public TrendsRebuilderTests() => _rebuilder = Sys.ActorOf(Props.Create(() => new TrendsRebuilder(RebuildAsync)));

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_cancelled_rebuild_ends_and_the_cancellation_of_another_one_changes_nothing()
    {
        await StateAsync("one");
        await _began.Task.WaitAsync(Cancel);

        _rebuilder.Tell(new TrendsRebuilder.Cancel("other"));
        Assert.Equal(new TrendsRebuilder.State(0.5, IsOver: false, null), await StateAsync("one"));
        _rebuilder.Tell(new TrendsRebuilder.Cancel("one"));

        await AwaitAssertAsync(
            async () => Assert.Equal(new TrendsRebuilder.State(0.5, IsOver: true, "the rebuild was cancelled"), await StateAsync("one")), cancellationToken: Cancel);
    }

    private Task<TrendsRebuilder.State> StateAsync(string id) => _rebuilder.Ask<TrendsRebuilder.State>(new TrendsRebuilder.Rebuild(id), Cancel);

    private async Task RebuildAsync(Action<double> report, CancellationToken cancellationToken)
    {
        report(0.5);
        _began.TrySetResult();
        await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, cancellationToken);
    }
}

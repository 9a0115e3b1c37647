using Xunit;

namespace RecSys.TestKit;

/// <summary>Waits until a condition is met, and fails the test with its name if it is not met in time.</summary>
public static class Eventually
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(5);

    public static async Task TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? timeout = null)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (!await condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < (timeout ?? TimeLimit), $"it did not come about that {what}");
            await Task.Delay(Pause, TimeProvider.System, TestContext.Current.CancellationToken);
        }
    }

    public static Task TrueAsync(Func<bool> condition, string what, TimeSpan? timeout = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, timeout);
}

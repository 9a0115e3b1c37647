using Microsoft.Extensions.Options;
using Xunit;

namespace RecSys.Speed.Tests;

public sealed class SpeedOptionsTests
{
    [Fact]
    public void The_defaults_are_allowed() =>
        Assert.True(new SpeedOptions.Validator().Validate(null, new SpeedOptions()).Succeeded);

    [Fact]
    public void Options_from_which_no_valid_ones_of_the_ingestion_follow_are_refused() =>
        Assert.True(new SpeedOptions.Validator().Validate(null, new SpeedOptions { UnsavedUsersMax = int.MaxValue }).Failed);

    [Fact]
    public void All_invalid_options_are_reported_together_with_their_ranges()
    {
        SpeedOptions options = new() { LiveUsersMax = 1, SaveAfter = TimeSpan.Zero, ChunkMax = 0, UnsavedUsersMax = -1, TrendUsersMin = 99, TrendUsersMax = 0 };

        ValidateOptionsResult result = new SpeedOptions.Validator().Validate(null, options);

        Assert.True(result.Failed);
        Assert.Contains("LiveUsersMax is 1; 100 to 100000000 are allowed", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("SaveAfter", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("recsys:speed: ChunkMax is 0; 1 to 10000 are allowed", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("recsys:speed: UnsavedUsersMax is -1; at least twice ChunkMax (0) is needed", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("recsys:speed: TrendUsersMin is 99; 1 to 16 are allowed", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("recsys:speed: TrendUsersMax is 0; 1 to 100000000 are allowed", result.FailureMessage, StringComparison.Ordinal);
    }
}

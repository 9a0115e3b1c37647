using RecSys.Cli.Commands;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

public sealed class AskCommandsTests
{
    // A slate that was made without the profile reports 0 interactions: the program said of any user that there are none.
    [Theory]
    [InlineData("full", 2, "2 interactions in the profile")]
    [InlineData("full", 0, "this user has no interactions yet")]
    [InlineData("reduced", 0, "this user has no interactions yet")]
    [InlineData("cached", 2, "2 interactions in the profile")]
    [InlineData("batch", 0, "made without the profile")]
    [InlineData("trending", 0, "made without the profile")]
    [InlineData("nothing", 0, "made without the profile")]
    public void A_profile_that_was_not_read_is_not_called_empty(string servedBy, int held, string text) =>
        Assert.Equal(text, AskCommands.ProfileText(new RecommendationsResponse { RecommendationId = "r", ServedBy = servedBy, Degraded = servedBy != "full", InteractionsHeld = held, Items = [] }));
}

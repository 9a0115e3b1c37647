using RecSys.Cli.Settings;
using RecSys.Core;
using Xunit;

namespace RecSys.Cli.Tests.Settings;

public sealed class InteractionTypeOptionsTests
{
    [Theory]
    [InlineData(null, null, null, false, InteractionKind.View, 1f, SeenRule.Demote)]
    [InlineData(null, 3f, true, false, InteractionKind.View, 3f, SeenRule.Demote)]
    [InlineData(null, 3f, false, false, InteractionKind.Purchase, 3f, SeenRule.Exclude)]
    [InlineData(null, -1f, null, false, InteractionKind.Dislike, -1f, SeenRule.Exclude)]
    [InlineData(null, -1f, true, false, InteractionKind.Dislike, -1f, SeenRule.Demote)]
    [InlineData(null, 4f, null, true, InteractionKind.Rating, 4f, SeenRule.Exclude)]
    [InlineData(InteractionKind.Purchase, null, null, false, InteractionKind.Purchase, 8f, SeenRule.Exclude)]
    [InlineData(InteractionKind.Purchase, 2f, true, false, InteractionKind.Purchase, 2f, SeenRule.Demote)]
    [InlineData(InteractionKind.Hide, null, null, false, InteractionKind.Hide, -4f, SeenRule.Exclude)]
    [InlineData(InteractionKind.View, -1f, null, false, InteractionKind.View, -1f, SeenRule.Demote)]
    [InlineData(InteractionKind.View, null, false, false, InteractionKind.View, 1f, SeenRule.Exclude)]
    public void A_type_behaves_like_what_it_names_and_else_like_what_its_settings_say(
        InteractionKind? like, float? weight, bool? comesBack, bool isRating, InteractionKind kind, float itsWeight, SeenRule rule)
    {
        InteractionType type = new InteractionTypeOptions { Name = "x", Like = like, Weight = weight, ComesBack = comesBack, IsRating = isRating }.ToType();

        Assert.Equal(new InteractionType("x", itsWeight, kind) { SeenRule = rule, Did = type.Did }, type);
    }

    [Theory]
    [InlineData("product_view", null, null, null, "viewed")]
    [InlineData("detail-view", null, null, null, "viewed")]
    [InlineData("pageView", null, null, null, "viewed")]
    [InlineData("review", null, null, null, null)]
    [InlineData("save", null, true, null, null)]
    [InlineData("play", InteractionKind.View, null, null, "viewed")]
    [InlineData("play", InteractionKind.View, null, "played", "played")]
    [InlineData("save", null, true, "saved", "saved")]
    [InlineData("order", null, false, null, "bought")]
    [InlineData("finished", null, false, null, null)]
    public void A_type_has_the_words_of_its_settings_or_of_the_built_in_type_that_it_names(string name, InteractionKind? like, bool? comesBack, string? did, string? words) =>
        Assert.Equal(words, new InteractionTypeOptions { Name = name, Like = like, ComesBack = comesBack, Did = did }.ToType().Did);
}

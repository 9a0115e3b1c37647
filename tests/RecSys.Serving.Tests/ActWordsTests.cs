using RecSys.Core;
using RecSys.Serving.Explaining;

namespace RecSys.Serving.Tests;

public sealed class ActWordsTests
{
    private static readonly ActWords Words = new(new InteractionTypes(
    [
        .. InteractionTypes.Default.All,
        new("product_view", Weight: 1, InteractionKind.View),
        new("bag", Weight: 4, InteractionKind.AddToCart),
        new("play", Weight: 1, InteractionKind.View) { Did = "played" },
        new("save", Weight: 4, InteractionKind.View) { Did = null },
    ]));

    [Theory]
    [InlineData("view", "viewed “Tea”", "looked at it")]
    [InlineData("click", "clicked “Tea”", "looked at it")]
    [InlineData("like", "liked “Tea”", "liked it")]
    [InlineData("dislike", "disliked “Tea”", "disliked it")]
    [InlineData("addToCart", "put “Tea” in your cart", "put it in your cart")]
    [InlineData("removeFromCart", "took “Tea” out of your cart", "took it out of your cart")]
    [InlineData("purchase", "bought “Tea”", "bought it")]
    [InlineData("rating", "rated “Tea”", "rated it")]
    [InlineData("hide", "hid “Tea”", "hid it")]
    [InlineData("product_view", "viewed “Tea”", "looked at it")]
    [InlineData("bag", "put “Tea” in your cart", "put it in your cart")]
    [InlineData("play", "played “Tea”", "played it")]
    [InlineData("save", "chose “Tea”", "chose it")]
    [InlineData("no longer configured", "chose “Tea”", "chose it")]
    public void An_act_is_worded_by_its_type(string type, string named, string unnamed) =>
        Assert.Equal((named, unnamed), (Words.With(type, "“Tea”"), Words.WithPronoun(type, "it")));
}

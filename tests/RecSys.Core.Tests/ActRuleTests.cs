using CsCheck;
using Xunit;

namespace RecSys.Core.Tests;

public sealed class ActRuleTests
{
    private const double RatedBad = 1;
    private const double RatedNeutral = 2;
    private const double RatedGood = 5;

    [Theory]
    [InlineData("view view", 2)]
    [InlineData("view click", 3)]
    [InlineData("purchase purchase", 16)]
    [InlineData("like like", 4)]
    [InlineData("rating:5 rating:1", -2)]
    [InlineData("rating:1 rating:5", 6)]
    [InlineData("rating:5 rating:2", 0)]
    [InlineData("purchase dislike", -4)]
    [InlineData("dislike purchase", 8)]
    [InlineData("dislike addToCart", 4)]
    [InlineData("dislike addToCart removeFromCart", -4)]
    [InlineData("like dislike", -4)]
    [InlineData("dislike like", 4)]
    [InlineData("hide like", 4)]
    [InlineData("like hide", -4)]
    [InlineData("dislike view view view view view view", -4)]
    [InlineData("view view dislike", -4)]
    [InlineData("purchase rating:1 view", -2)]
    [InlineData("purchase rating:5", 14)]
    [InlineData("purchase rating:2", 8)]
    [InlineData("addToCart removeFromCart", 0)]
    [InlineData("addToCart purchase removeFromCart", 8)]
    [InlineData("removeFromCart addToCart", 4)]
    [InlineData("addToCart addToCart", 4)]
    [InlineData("like view", 5)]
    public void The_acts_on_one_item_weigh_together(string oldestFirst, float weight) => Assert.Equal(weight, WeightOf(oldestFirst));

    [Fact]
    public void Acts_on_other_items_do_not_matter() =>
        Gen.Select(Gen.Int[0, 4], Gen.Int[0, 8], Records.AnyOf<double?>(null, RatedBad, RatedNeutral, RatedGood)).Array[0, 600].Sample(acts =>
        {
            InteractionType[] types = [.. acts.Select(act => InteractionTypes.Default.All[act.Item2])];
            float[] weights = [.. acts.Select((act, i) => types[i].WeightOf(act.Item3))];
            float[] together = [.. weights];
            bool[] stand = new bool[acts.Length];
            ActRule.Settle([.. acts.Select(act => (ulong)act.Item1)], [.. types.Select(type => type.Kind)], together, stand);
            for (int item = 0; item <= 4; item++)
            {
                int[] own = [.. Enumerable.Range(0, acts.Length).Where(act => acts[act].Item1 == item)];
                float[] alone = [.. own.Select(act => weights[act])];
                bool[] standAlone = new bool[own.Length];
                ActRule.Settle(new ulong[own.Length], [.. own.Select(act => types[act].Kind)], alone, standAlone);

                Assert.Equal(alone, own.Select(act => together[act]));
                Assert.Equal(standAlone, own.Select(act => stand[act]));
                Assert.All(own, act => Assert.True(stand[act] ? together[act] == weights[act] : together[act] == 0));
            }
        });

    [Fact]
    public void Spans_of_other_lengths_are_refused() =>
        Assert.Throws<ArgumentException>(() => ActRule.Settle(new ulong[2], new InteractionKind[2], new float[1], new bool[2]));

    private static float WeightOf(string oldestFirst)
    {
        (InteractionType Type, double? Value)[] acts =
        [
            .. oldestFirst.Split(' ').Reverse().Select(act => act.Split(':')).Select(parts => (
                InteractionTypes.Default.All.First(type => type.Name == parts[0]),
                parts.Length > 1 ? double.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture) : (double?)null)),
        ];
        float[] weights = [.. acts.Select(act => act.Type.WeightOf(act.Value))];
        ActRule.Settle(new ulong[acts.Length], [.. acts.Select(act => act.Type.Kind)], weights, new bool[acts.Length]);
        return weights.Sum();
    }
}

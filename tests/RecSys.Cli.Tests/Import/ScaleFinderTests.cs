using System.Globalization;
using RecSys.Cli.Import;
using RecSys.Core;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class ScaleFinderTests
{
    [Theory]
    [InlineData("1 2 3 4 5", "1..5", null)]
    [InlineData("0.5 3 5", "1..5", null)]
    [InlineData("0 1 1", "0..1", null)]
    [InlineData("1 1 1", "0..1", null)]
    [InlineData("0.1 0.35 0.99", "0..1", null)]
    [InlineData("-1 1", "-1..1", null)]
    [InlineData("4 10", "1..10", null)]
    [InlineData("20 90", "0..100", null)]
    [InlineData("-9.5 3.2 8", "-10..10", null)]
    [InlineData("-9.5 3.2 99", "-10..10", 99.0)]
    [InlineData("0 5 10 7", "1..10", 0.0)]
    [InlineData("0 1 2 3 4 5", "1..5", 0.0)]
    [InlineData("-1 6 10", "1..10", -1.0)]
    [InlineData("-1 0 50 100", "0..100", -1.0)]
    [InlineData("0 0.5 4.5", "0..5", null)]
    public void The_values_of_a_whole_file_show_the_scale(string values, string scale, double? noRating)
    {
        (RatingScale found, double? mark, string? problem) = ScaleFinder.Find(FactsOf(values));

        Assert.Null(problem);
        Assert.Equal((scale, noRating), (found.ToString(), mark));
    }

    [Theory]
    [InlineData("1 20")]
    [InlineData("1 352698")]
    [InlineData("0 0 0")]
    [InlineData("-50 50")]
    public void A_range_of_several_scales_is_not_guessed(string values) =>
        Assert.Contains("--scale", ScaleFinder.Find(FactsOf(values)).Problem, StringComparison.Ordinal);

    [Theory]
    [InlineData("1", 5.0)]
    [InlineData("0", 1.0)]
    public void A_like_of_0_and_1_becomes_the_best_and_the_worst_rating(string value, double rating)
    {
        RatingColumn ratings = new(given: null);
        ratings.Observe("0");
        ratings.Observe("1");
        Assert.Contains("scale 0..1", ratings.Detect(RatingScale.Stars).Text, StringComparison.Ordinal);

        Assert.Null(ratings.Read(value, RatingScale.Stars, out double? read));
        Assert.Equal(rating, read);
    }

    [Fact]
    public void A_rating_outside_the_named_scale_is_refused_and_never_clamped()
    {
        RatingColumn ratings = new(RatingScale.Parse("0..10"));
        ratings.Observe("11");
        ratings.Detect(RatingScale.Stars);

        Assert.Contains("'11' is outside the scale 0..10", ratings.Read("11", RatingScale.Stars, out _)?.Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, -2)]
    [InlineData(25, 0)]
    [InlineData(100, 6)]
    [InlineData(200, 6)]
    public void A_type_of_the_settings_has_its_own_scale(double value, float weight)
    {
        InteractionTypes types = new([new("score", Weight: 4, InteractionKind.Rating) { RatingMin = 0, RatingMax = 100 }]);

        Assert.Equal(weight, types.WeightOf("score", value), 0.001f);
    }

    [Fact]
    public void A_scale_without_a_length_is_refused() => Assert.Contains(
        "ratingMin",
        Assert.Throws<ArgumentException>(() => new InteractionTypes([new("score", 4, InteractionKind.Rating) { RatingMin = 5, RatingMax = 5 }])).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("1")]
    [InlineData("5..1")]
    [InlineData("a..b")]
    public void Another_text_is_no_scale(string text) =>
        Assert.Equal(ExitCodes.WrongUsage, Assert.Throws<CommandException>(() => RatingScale.Parse(text)).ExitCode);

    private static ValueFacts FactsOf(string values)
    {
        ValueFacts facts = new();
        foreach (string value in values.Split(' '))
        {
            facts.Add(double.Parse(value, CultureInfo.InvariantCulture));
        }

        return facts;
    }
}

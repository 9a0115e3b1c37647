using System.Globalization;

namespace RecSys.Cli.Import;

/// <summary>Finds the scale of a file's ratings by all of its values. A range that may mean several scales is not guessed.</summary>
internal static class ScaleFinder
{
    /// <summary>A value that means "no rating" in files whose other ratings are at most 10.</summary>
    private const double NoRatingMark = 99;

    /// <summary>Finds the scale.</summary>
    /// <param name="facts">All values of the ratings.</param>
    /// <returns>The scale and the value that means "no rating", if there is one; or the problem.</returns>
    public static (RatingScale Scale, double? NoRating, string? Problem) Find(ValueFacts facts)
    {
        double? mark = null;
        double min = facts.Min;
        double max = facts.Max;
        if (max == NoRatingMark && facts.MaxButMarks <= 10)
        {
            (mark, max) = (NoRatingMark, facts.MaxButMarks);
        }

        // −1 among ratings that are otherwise not negative, and 0 among whole ratings from 1 on, mean "no rating".
        bool isVote = max <= 1;
        if (mark is null && min == -1 && !isVote && facts.MinButMarks >= 0)
        {
            (mark, min) = (-1, facts.CountOf(0) > 0 ? 0 : facts.MinButMarks);
        }
        else if (mark is null && min == 0 && facts.IsWhole && facts.MinButMarks >= 1 && max is > 2 and <= 10)
        {
            (mark, min) = (0, facts.MinButMarks);
        }

        return ScaleOf(min, max, facts) is { } scale
            ? (scale, mark, null)
            : (default, null, string.Create(
                CultureInfo.InvariantCulture,
                $"ratings from {facts.Min} to {facts.Max} may be of several scales; name theirs, such as --scale {Math.Floor(facts.Min)}..{Math.Ceiling(facts.Max)}, or read them as amounts with --type view"));
    }

    private static RatingScale? ScaleOf(double min, double max, ValueFacts facts) => (min, max) switch
    {
        (0, 0) => null,
        _ when facts.Distinct == 1 && max == 1 => new RatingScale(0, 1), // all that a file of likes contains
        ( >= 0, <= 1) => new RatingScale(0, 1),
        ( >= -1, <= 1) => new RatingScale(-1, 1),
        ( >= 1, <= 5) => RatingScale.Stars,
        ( >= 0.5, <= 5) => RatingScale.Stars, // half a star counts as one
        ( >= 0, <= 5) when !facts.IsWhole => new RatingScale(0, 5),
        ( >= 1, <= 10) => new RatingScale(1, 10),
        ( >= 0, > 5 and <= 10) => new RatingScale(0, 10),
        ( >= -5, <= 5) when max > 2 => new RatingScale(-5, 5),
        ( >= -10, <= 10) when max > 2 => new RatingScale(-10, 10),
        ( >= 0, > 20 and <= 100) => new RatingScale(0, 100),
        _ => null,
    };
}

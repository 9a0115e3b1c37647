using System.Globalization;

namespace RecSys.Cli.Import;

/// <summary>The ratings of a file, and their scale.</summary>
/// <param name="given">The scale that the user named; null: detected from the ratings.</param>
/// <param name="hasDecimalComma"><see cref="ImportOptions.HasDecimalComma"/>.</param>
internal sealed class RatingColumn(RatingScale? given, bool hasDecimalComma = false)
{
    /// <summary>Values that mean "no rating" unless the scale contains them.</summary>
    private static readonly double[] NoRatingMarks = [0, -1, 99];

    private readonly ValueFacts _facts = new();
    private RatingScale _scale;
    private double? _noRating;

    /// <summary>Gets how many ratings there are.</summary>
    public long Count => _facts.Count;

    /// <summary>Adds a rating.</summary>
    public void Observe(string text)
    {
        if (Numbers.Read(text, hasDecimalComma, out double value) is null)
        {
            _facts.Add(value);
        }
    }

    /// <summary>Finds the scale.</summary>
    /// <param name="server">The scale of the server.</param>
    /// <returns>The description, and the problem if the scale is ambiguous.</returns>
    public (string Text, string? Problem) Detect(RatingScale server)
    {
        string? problem = null;
        if (given is { } scale)
        {
            _scale = scale;
            _noRating = NoRatingMarks.Where(mark => !scale.Contains(mark) && _facts.CountOf(mark) > 0).Cast<double?>().FirstOrDefault();
        }
        else
        {
            (_scale, _noRating, problem) = ScaleFinder.Find(_facts);
        }

        if (problem is not null)
        {
            return ("scale unknown", problem);
        }

        string range = string.Create(CultureInfo.InvariantCulture, $"{_facts.Min} to {_facts.Max}");
        string text = $"scale {_scale}{(given is null ? $" by the values {range}" : "")}";
        text += _scale == server ? "" : $", stored as {server}";
        text += _scale == RatingScale.Stars && _facts.MinButMarks < 1 && _facts.MinButMarks > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {_facts.MinButMarks} counts as 1") : "";
        text += _noRating is { } mark ? string.Create(CultureInfo.InvariantCulture, $"; {mark} is not a rating: {Terminal.Number(_facts.CountOf(mark))} rows count as view") : "";
        return (text, null);
    }

    /// <summary>Reads a rating.</summary>
    /// <param name="text">Text of the cell.</param>
    /// <param name="server">The scale of the server.</param>
    /// <param name="rating">The rating on the server's scale; null if there is none.</param>
    public RowProblem? Read(string text, RatingScale server, out double? rating)
    {
        rating = null;
        if (Numbers.Read(text, hasDecimalComma, out double value) is { } problem)
        {
            return problem;
        }

        if (value == _noRating)
        {
            return null;
        }

        bool isHalfStar = _scale == RatingScale.Stars && value is >= 0.5 and < 1;
        if (!isHalfStar && !_scale.Contains(value))
        {
            return RowProblem.Of($"is outside the scale {_scale}; name the right one with --scale", text);
        }

        rating = Math.Round(_scale.To(server, value), 6);
        return null;
    }
}

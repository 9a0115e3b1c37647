using System.Globalization;

namespace RecSys.Cli.Import;

/// <summary>The range of ratings.</summary>
/// <param name="Worst">The rating of items that are liked least.</param>
/// <param name="Best">The rating of items that are liked most.</param>
internal readonly record struct RatingScale(double Worst, double Best)
{
    /// <summary>1 to 5.</summary>
    public static readonly RatingScale Stars = new(1, 5);

    // invariant: Worst < Best

    /// <summary>Returns whether a rating is in the range.</summary>
    public bool Contains(double rating) => rating >= Worst && rating <= Best;

    /// <summary>Returns the rating at the same relative place of another scale.</summary>
    public double To(RatingScale other, double rating) =>
        this == other ? rating : other.Worst + ((rating - Worst) / (Best - Worst) * (other.Best - other.Worst));

    /// <summary>Reads <c>WORST..BEST</c>.</summary>
    /// <exception cref="CommandException">The text does not have this form, or WORST is not below BEST.</exception>
    public static RatingScale Parse(string text)
    {
        string[] ends = text.Split("..");
        return ends.Length == 2 && Numbers.Read(ends[0], hasDecimalComma: false, out double worst) is null && Numbers.Read(ends[1], hasDecimalComma: false, out double best) is null && worst < best
            ? new RatingScale(worst, best)
            : throw new CommandException($"--scale: '{text}' is not WORST..BEST with the lower number first, such as 0..1 or 1..10", ExitCodes.WrongUsage);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Worst}..{Best}");
}

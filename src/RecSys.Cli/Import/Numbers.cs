using System.Globalization;
using System.Text.RegularExpressions;

namespace RecSys.Cli.Import;

/// <summary>Numbers of files.</summary>
internal static partial class Numbers
{
    /// <summary>The rule that a text without a number breaks.</summary>
    public const string FiniteRule = "is not a finite number";

    /// <summary>The rule that a number with a comma breaks, unless the file has decimal commas.</summary>
    public const string PointRule = "must have a decimal point and no separators of thousands, such as 12.50; --decimal-comma reads 12,50";

    /// <summary>The rule of numbers of a file with decimal commas.</summary>
    public const string CommaRule = "must have a decimal comma, and points between thousands only, such as 1.234,50: --decimal-comma is given";

    /// <summary>Reads a finite number, with a point or, by <see cref="ImportOptions.HasDecimalComma"/>, a comma before its decimals.</summary>
    public static RowProblem? Read(string text, bool hasDecimalComma, out double number)
    {
        number = 0;
        if (WithPoint(text, hasDecimalComma) is not { } converted)
        {
            return RowProblem.Of(CommaRule, text);
        }

        return double.TryParse(converted, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number) ? null
            : text.Contains(',', StringComparison.Ordinal) ? RowProblem.Of(PointRule, text)
            : RowProblem.Of(FiniteRule, text);
    }

    /// <summary>Returns a number with a decimal point, and without separators of thousands if the file has decimal commas.</summary>
    /// <returns>The text itself if the file has no decimal commas; null if it has, and the text is not such a number.</returns>
    public static string? WithPoint(string text, bool hasDecimalComma) =>
        !hasDecimalComma ? text
        : DecimalComma().IsMatch(text) ? text.Replace(".", "", StringComparison.Ordinal).Replace(',', '.')
        : null;

    /// <summary>Reads yes or no.</summary>
    public static RowProblem? ReadFlag(string text, out bool flag)
    {
        flag = Is(text, "1") || Is(text, "true") || Is(text, "yes") || Is(text, "t") || Is(text, "y") || Is(text, "on") || Is(text, "ja") || Is(text, "wahr");
        bool isNo = Is(text, "0") || Is(text, "false") || Is(text, "no") || Is(text, "f") || Is(text, "n") || Is(text, "off") || Is(text, "nein") || Is(text, "falsch");
        return flag || isNo ? null : RowProblem.Of("is neither true nor false", text);

        static bool Is(string text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Returns whether a number may have a point between thousands: the points are before three digits, such as 1.234.</summary>
    public static bool IsInThousands(string text) => Thousands().IsMatch(text);

    [GeneratedRegex(@"^[1-9][0-9]{0,2}(\.[0-9]{3})+\z")]
    private static partial Regex Thousands();

    [GeneratedRegex(@"^[+-]?([0-9]+|[0-9]{1,3}(\.[0-9]{3})+)(,[0-9]+)?\z")]
    private static partial Regex DecimalComma();

    /// <summary>Returns whether a number is printed as the text from which it was read, so that no digit is lost.</summary>
    public static bool PrintsAs(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
        && double.IsFinite(number) && number.ToString(CultureInfo.InvariantCulture) == text;
}

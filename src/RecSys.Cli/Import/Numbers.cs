using System.Globalization;

namespace RecSys.Cli.Import;

/// <summary>Numbers of files.</summary>
internal static class Numbers
{
    /// <summary>Reads a finite number, with a point before its decimals.</summary>
    public static RowProblem? Read(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number) ? null
        : text.Contains(',', StringComparison.Ordinal) ? new RowProblem("is not a number: write decimals after a point, and no separators of thousands", $"'{text}' is not a number: write decimals after a point, and no separators of thousands")
        : new RowProblem("is not a finite number", $"'{text}' is not a finite number");

    /// <summary>Reads yes or no.</summary>
    public static RowProblem? ReadFlag(string text, out bool flag)
    {
        flag = Is(text, "1") || Is(text, "true") || Is(text, "yes") || Is(text, "t") || Is(text, "y");
        bool isNo = Is(text, "0") || Is(text, "false") || Is(text, "no") || Is(text, "f") || Is(text, "n");
        return flag || isNo ? null : new RowProblem("is neither true nor false", $"'{text}' is neither true nor false");

        static bool Is(string text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Returns whether a number is printed as the text from which it was read, so that no digit is lost.</summary>
    public static bool PrintsAs(string text, out double number) =>
        double.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
        && double.IsFinite(number) && number.ToString(CultureInfo.InvariantCulture) == text;
}

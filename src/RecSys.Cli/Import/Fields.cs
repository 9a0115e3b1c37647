using System.Globalization;
using System.Text.Json;

namespace RecSys.Cli.Import;

/// <summary>Parses values of files, and reports their problems.</summary>
internal static class Fields
{
    /// <summary>From this number on a bare time is in milliseconds: as seconds it would be the year 5138.</summary>
    private const long MillisecondsFrom = 100_000_000_000;

    private static readonly long MillisecondsMax = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>Reads a time: RFC 3339, or seconds or milliseconds since 1970.</summary>
    public static string? Time(string text, out DateTimeOffset time)
    {
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double number))
        {
            double ms = number >= MillisecondsFrom ? number : number * 1_000;
            bool isTime = ms <= MillisecondsMax;
            time = isTime ? DateTimeOffset.FromUnixTimeMilliseconds((long)ms) : default;
            return isTime ? null : $"'{text}' is no time";
        }

        return DateTimeOffset.TryParse(
            text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time)
            ? null
            : $"'{text}' is no time: RFC 3339, or seconds or milliseconds since 1970, is expected";
    }

    /// <summary>Reads a finite number.</summary>
    public static string? Number(string text, out double number) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number) && double.IsFinite(number)
            ? null
            : $"'{text}' is no finite number";

    /// <summary>Reads yes or no.</summary>
    public static string? Flag(string text, out bool flag)
    {
        flag = text is "1" || text.Equals("true", StringComparison.OrdinalIgnoreCase) || text.Equals("yes", StringComparison.OrdinalIgnoreCase);
        bool isNo = text is "0" || text.Equals("false", StringComparison.OrdinalIgnoreCase) || text.Equals("no", StringComparison.OrdinalIgnoreCase);
        return flag || isNo ? null : $"'{text}' is neither true nor false";
    }

    /// <summary>A text as a label: a number where it is one.</summary>
    public static JsonElement Label(string text) =>
        Number(text, out double number) is null
            ? JsonSerializer.SerializeToElement(number, FieldsJsonContext.Default.Double)
            : JsonSerializer.SerializeToElement(text, FieldsJsonContext.Default.String);

    /// <summary>Several texts as one label.</summary>
    public static JsonElement Label(IReadOnlyList<string> texts) =>
        JsonSerializer.SerializeToElement([.. texts], FieldsJsonContext.Default.StringArray);
}

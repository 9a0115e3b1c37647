using System.Globalization;
using System.Text;

namespace RecSys.Cli.Import;

/// <summary>A format of times that the user names, in the syntax of .NET (<c>dd.MM.yyyy</c>) or of C (<c>%d.%m.%Y</c>), or one of <c>epoch-s</c>, <c>epoch-ms</c>, <c>epoch-us</c>, <c>epoch-ns</c>.</summary>
internal sealed class TimeFormat
{
    private const string Option = "--time-format";

    /// <summary>A number above any time in nanoseconds, and small enough to be multiplied without an overflow.</summary>
    private const decimal NumberEnd = 1e21m;

    private static readonly Dictionary<string, decimal> TicksOf = new(StringComparer.OrdinalIgnoreCase)
    {
        ["epoch-s"] = TimeSpan.TicksPerSecond,
        ["epoch-ms"] = TimeSpan.TicksPerMillisecond,
        ["epoch-us"] = TimeSpan.TicksPerMicrosecond,
        ["epoch-ns"] = TimeSpan.TicksPerMicrosecond / 1_000m,
    };

    private static readonly Dictionary<char, string> Conversions = new()
    {
        ['Y'] = "yyyy",
        ['y'] = "yy",
        ['m'] = "MM",
        ['d'] = "dd",
        ['H'] = "HH",
        ['I'] = "hh",
        ['M'] = "mm",
        ['S'] = "ss",
        ['f'] = "FFFFFF",
        ['p'] = "tt",
        ['b'] = "MMM",
        ['B'] = "MMMM",
        ['a'] = "ddd",
        ['A'] = "dddd",
        ['z'] = "zzz",
        ['%'] = "'%'",
    };

    private readonly string _format;
    private readonly decimal? _ticks;

    private TimeFormat(string name, string format, decimal? ticks)
    {
        Name = name;
        _format = format;
        _ticks = ticks;
    }

    /// <summary>Gets the format as the user wrote it.</summary>
    public string Name { get; }

    /// <summary>Reads a format.</summary>
    /// <exception cref="CommandException">The text is not valid.</exception>
    public static TimeFormat Parse(string text)
    {
        if (TicksOf.TryGetValue(text, out decimal ticks))
        {
            return new TimeFormat(text, text, ticks);
        }

        string format = text.Contains('%', StringComparison.Ordinal) && text.Length > 2 ? OfC(text) : text;
        try
        {
            // A format that confuses months with minutes, or hours of 12 with hours of 24, reads another time than it writes.
            DateTimeOffset sample = new(2026, 11, 23, 22, 47, 58, TimeSpan.Zero);
            bool isRead = DateTimeOffset.TryParseExact(
                sample.ToString(format, CultureInfo.InvariantCulture), format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out DateTimeOffset again);
            if (isRead && again.Date == sample.Date && (again.Hour == sample.Hour || again.TimeOfDay == TimeSpan.Zero))
            {
                return new TimeFormat(text, format, ticks: null);
            }
        }
        catch (FormatException)
        {
        }

        throw new CommandException(
            $"{Option}: '{text}' is not a format of dates: it needs dd, MM and yyyy (mm are minutes), and HH, or hh with tt, for hours; examples are \"dd.MM.yyyy HH:mm\", \"%d/%m/%Y\" and epoch-ms", ExitCodes.WrongUsage);
    }

    /// <summary>Reads a time; one without an offset is UTC.</summary>
    public RowProblem? Read(string text, out DateTimeOffset time)
    {
        time = default;
        if (_ticks is { } ticks)
        {
            bool isNumber = decimal.TryParse(text, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out decimal number);
            decimal all = isNumber && number < NumberEnd ? number * ticks : decimal.MaxValue;
            if (!isNumber || all > DateTimeOffset.MaxValue.Ticks - DateTimeOffset.UnixEpoch.Ticks)
            {
                return Refused(text);
            }

            time = DateTimeOffset.UnixEpoch.AddTicks((long)all);
            return null;
        }

        return DateTimeOffset.TryParseExact(
            text, _format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out time)
            ? null
            : Refused(text);
    }

    private RowProblem Refused(string text) => RowProblem.Of($"is not in the format {Name}", text);

    private static string OfC(string text)
    {
        StringBuilder format = new();
        for (int i = 0; i < text.Length; i++)
        {
            if (text[i] != '%')
            {
                format.Append(char.IsLetter(text[i]) ? $"'{text[i]}'" : text[i]);
                continue;
            }

            if (++i == text.Length || !Conversions.TryGetValue(text[i], out string? part))
            {
                throw new CommandException($"{Option}: '{text}' contains an unknown conversion", ExitCodes.WrongUsage);
            }

            format.Append(part);
        }

        return format.ToString();
    }
}

using System.Buffers;
using System.Globalization;

namespace RecSys.Cli.Import;

/// <summary>Reads unambiguous times; refuses others with a remedy.</summary>
internal static class TimeText
{
    private const int MonthMax = 12;

    /// <summary>The first year of times that are written as bare numbers.</summary>
    private const int YearMin = 1990;

    /// <summary>The year that times written as bare numbers must precede.</summary>
    private const int YearEnd = 2100;

    private const int SpreadsheetDayMin = 20_000;
    private const int SpreadsheetDayMax = 80_000;

    private static readonly SearchValues<char> DecimalCharacters = SearchValues.Create("0123456789.");
    private const int DateLength = 10; // yyyy-MM-dd
    private const int FractionDigitsMax = 9;

    private static readonly long SecondsMin = new DateTimeOffset(YearMin, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long SecondsEnd = new DateTimeOffset(YearEnd, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();

    private static readonly string[] NamedFormats =
    [
        "ddd, dd MMM yyyy HH:mm:ss 'GMT'", "ddd, d MMM yyyy HH:mm:ss 'GMT'", "ddd, dd MMM yyyy HH:mm:ss zzz", "ddd, d MMM yyyy HH:mm:ss zzz", "ddd MMM dd HH:mm:ss zzz yyyy",
        "ddd MMM d HH:mm:ss zzz yyyy", "ddd MMM dd HH:mm:ss 'UTC' yyyy", "dd MMM yyyy HH:mm:ss", "d MMM yyyy HH:mm:ss", "dd-MMM-yyyy", "d-MMM-yyyy", "dd MMM yyyy", "d MMM yyyy",
    ];

    private static readonly string[] DayTimeFormats = ["HH:mm", "HH:mm:ss", "HH:mm:ss.FFFFFFF", "H:mm", "H:mm:ss", "h:mm tt", "h:mm:ss tt", "h:mmtt", "h:mm:sstt"];

    /// <summary>Reads a time.</summary>
    /// <param name="text">Text of the cell.</param>
    /// <param name="time">The time, if there is no problem.</param>
    /// <param name="shape">The form of the time.</param>
    /// <returns>The problem, or null.</returns>
    public static RowProblem? Read(string text, out DateTimeOffset time, out TimeShape shape)
    {
        ReadOnlySpan<char> span = text.AsSpan().Trim();
        time = default;
        shape = TimeShape.None;
        if (span.IsEmpty)
        {
            return new RowProblem("is empty");
        }

        if (span.Length >= DateLength && ReadDate(span[..DateLength], out DateTime date))
        {
            return ReadRest(span[DateLength..], date, ref time, ref shape) ? null : Refused(text);
        }

        if (!span.ContainsAnyExcept(DecimalCharacters))
        {
            return ReadNumber(span, out time, out shape);
        }

        if (char.IsLetter(span[0]) || span.ContainsAnyInRange('A', 'z'))
        {
            if (ReadCompact(span, ref time, ref shape))
            {
                return null;
            }

            if (DateTimeOffset.TryParseExact(
                span, NamedFormats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowWhiteSpaces, out time))
            {
                shape = TimeShape.Named;
                return null;
            }
        }

        return Refused(text);
    }

    /// <summary>Returns whether a text is a time of day without a date.</summary>
    public static bool IsTimeOfDay(string text) => ReadTimeOfDay(text, out _);

    /// <summary>Reads a time of day.</summary>
    public static bool ReadTimeOfDay(string text, out TimeSpan time)
    {
        bool isTime = DateTime.TryParseExact(text.AsSpan().Trim(), DayTimeFormats, CultureInfo.InvariantCulture, DateTimeStyles.NoCurrentDateDefault, out DateTime day);
        time = day.TimeOfDay;
        return isTime;
    }

    /// <summary>Returns whether a text may be a time in a format that is not read without <c>--time-format</c>: a date whose order is not known, or a time of day.</summary>
    public static bool IsAmbiguous(string text) => IsTimeOfDay(text) || FormatsOf(text) is not null;

    private static RowProblem? ReadNumber(ReadOnlySpan<char> span, out DateTimeOffset time, out TimeShape shape)
    {
        time = default;
        shape = TimeShape.None;
        int point = span.IndexOf('.');
        ReadOnlySpan<char> whole = point < 0 ? span : span[..point];
        ReadOnlySpan<char> fraction = point < 0 ? default : span[(point + 1)..];
        string text = span.ToString();
        if (point == 0 || fraction.Contains('.') || !long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out long number))
        {
            return Refused(text);
        }

        if (point < 0 && whole.Length is 8 or 12 or 14 && ReadDigits(whole, ref time))
        {
            shape = whole.Length == 8 ? TimeShape.CompactDate : TimeShape.WithoutOffset;
            return null;
        }

        (long unit, shape) =
            number >= SecondsMin && number < SecondsEnd ? (TimeSpan.TicksPerSecond, TimeShape.EpochSeconds)
            : number >= SecondsMin * 1_000 && number < SecondsEnd * 1_000 ? (TimeSpan.TicksPerMillisecond, TimeShape.EpochMilliseconds)
            : number >= SecondsMin * 1_000_000 && number < SecondsEnd * 1_000_000 ? (TimeSpan.TicksPerMicrosecond, TimeShape.EpochMicroseconds)
            : (0, TimeShape.None);
        if (unit == 0)
        {
            return number is >= SpreadsheetDayMin and <= SpreadsheetDayMax
                ? RowProblem.Of("may be the day number of a spreadsheet; save dates as text, such as 2026-01-31", text)
                : new RowProblem(
                    "is a number outside the plausible range of seconds, milliseconds or microseconds since 1970; name the unit with --time-format epoch-s, epoch-ms, epoch-us or epoch-ns",
                    $"'{text}' is not a time from {YearMin} to {YearEnd} in seconds, milliseconds or microseconds since 1970; name the unit with --time-format epoch-s, epoch-ms, epoch-us or epoch-ns");
        }

        double part = fraction.IsEmpty ? 0 : double.Parse($"0.{fraction}", CultureInfo.InvariantCulture);
        time = DateTimeOffset.UnixEpoch.AddTicks((number * unit) + (long)Math.Round(part * unit));
        return null;
    }

    private static bool ReadDate(ReadOnlySpan<char> span, out DateTime date)
    {
        date = default;
        char mark = span[4];
        if (mark is not ('-' or '/' or '.') || span[7] != mark || !Digits(span[..4], out int year) || !Digits(span.Slice(5, 2), out int month) || !Digits(span.Slice(8, 2), out int day))
        {
            return false;
        }

        return Make(year, month, day, out date);
    }

    // yyyyMMdd, yyyyMMddHHmm or yyyyMMddHHmmss
    private static bool ReadDigits(ReadOnlySpan<char> span, ref DateTimeOffset time)
    {
        Digits(span[..4], out int year);
        Digits(span.Slice(4, 2), out int month);
        Digits(span.Slice(6, 2), out int day);
        int hour = 0;
        int minute = 0;
        int second = 0;
        if (span.Length > 8)
        {
            Digits(span.Slice(8, 2), out hour);
            Digits(span.Slice(10, 2), out minute);
        }

        if (span.Length > 12)
        {
            Digits(span.Slice(12, 2), out second);
        }

        if (year is < YearMin or >= YearEnd || hour > 23 || minute > 59 || second > 59 || !Make(year, month, day, out DateTime date))
        {
            return false;
        }

        time = new DateTimeOffset(date + new TimeSpan(hour, minute, second), TimeSpan.Zero);
        return true;
    }

    // 20260131T235959Z
    private static bool ReadCompact(ReadOnlySpan<char> span, ref DateTimeOffset time, ref TimeShape shape)
    {
        bool isUtc = span[^1] == 'Z';
        ReadOnlySpan<char> bare = isUtc ? span[..^1] : span;
        if (bare.Length != 15 || bare[8] != 'T')
        {
            return false;
        }

        string digits = string.Concat(bare[..8], bare[9..]);
        shape = isUtc ? TimeShape.WithOffset : TimeShape.WithoutOffset;
        return !digits.AsSpan().ContainsAnyExceptInRange('0', '9') && ReadDigits(digits, ref time);
    }

    // What follows a date: nothing, or T or a space, a time of day, and an offset or none.
    private static bool ReadRest(ReadOnlySpan<char> rest, DateTime date, ref DateTimeOffset time, ref TimeShape shape)
    {
        if (rest.IsEmpty)
        {
            time = new DateTimeOffset(date, TimeSpan.Zero);
            shape = TimeShape.Date;
            return true;
        }

        if (rest[0] is not ('T' or 't' or ' ') || rest.Length < 6 || !Digits(rest.Slice(1, 2), out int hour) || rest[3] != ':' || !Digits(rest.Slice(4, 2), out int minute))
        {
            return false;
        }

        int at = 6;
        int second = 0;
        long fraction = 0;
        if (at + 3 <= rest.Length && rest[at] == ':')
        {
            if (!Digits(rest.Slice(at + 1, 2), out second))
            {
                return false;
            }

            at += 3;
            if (at < rest.Length && rest[at] is '.' or ',')
            {
                int start = ++at;
                long scale = TimeSpan.TicksPerSecond;
                while (at < rest.Length && char.IsAsciiDigit(rest[at]))
                {
                    scale /= 10;
                    fraction += (rest[at++] - '0') * scale;
                }

                if (at == start || at - start > FractionDigitsMax)
                {
                    return false;
                }
            }
        }

        if (hour > 23 || minute > 59 || second > 59 || !ReadOffset(rest[at..].Trim(), out TimeSpan? offset))
        {
            return false;
        }

        DateTime moment = date + new TimeSpan(hour, minute, second) + TimeSpan.FromTicks(fraction);
        long utc = moment.Ticks - (offset ?? TimeSpan.Zero).Ticks;
        if (utc < 0 || utc > DateTime.MaxValue.Ticks)
        {
            return false;
        }

        time = new DateTimeOffset(utc, TimeSpan.Zero);
        shape = offset is null ? TimeShape.WithoutOffset : TimeShape.WithOffset;
        return true;
    }

    private static bool ReadOffset(ReadOnlySpan<char> text, out TimeSpan? offset)
    {
        offset = null;
        if (text.IsEmpty)
        {
            return true;
        }

        if (text is "Z" or "z" or "UTC" or "GMT")
        {
            offset = TimeSpan.Zero;
            return true;
        }

        // +HH, +HHmm or +HH:mm
        bool hasForm = text[0] is '+' or '-' && (text.Length is 3 or 5 || (text.Length == 6 && text[3] == ':'));
        int minutes = 0;
        if (!hasForm || !Digits(text.Slice(1, 2), out int hours) || (text.Length > 3 && !Digits(text[^2..], out minutes)) || hours > 14 || minutes > 59)
        {
            return false;
        }

        TimeSpan size = new(hours, minutes, 0);
        offset = text[0] == '-' ? -size : size;
        return true;
    }

    private static bool Make(int year, int month, int day, out DateTime date)
    {
        bool isDate = year >= 1 && month is >= 1 and <= 12 && day >= 1 && day <= DateTime.DaysInMonth(year, month);
        date = isDate ? new DateTime(year, month, day) : default;
        return isDate;
    }

    private static bool Digits(ReadOnlySpan<char> span, out int number)
    {
        number = 0;
        foreach (char c in span)
        {
            if (!char.IsAsciiDigit(c))
            {
                return false;
            }

            number = (number * 10) + (c - '0');
        }

        return span.Length > 0;
    }

    private static RowProblem Refused(string text)
    {
        if (IsTimeOfDay(text))
        {
            return RowProblem.Of("is a time of day without a date; map the column of the date too: --map timestamp=DATE+TIME", text);
        }

        return FormatsOf(text) is (string dayFirst, string monthFirst, int first, int second)
            ? first > MonthMax ? RowProblem.Of($"is written with the day first: name its format with --time-format \"{dayFirst}\"", text)
                : second > MonthMax ? RowProblem.Of($"is written with the month first: name its format with --time-format \"{monthFirst}\"", text)
                : RowProblem.Of($"can be read in more than one way; name its format: --time-format \"{dayFirst}\" or \"{monthFirst}\"", text)
            : RowProblem.Of("is not a time: RFC 3339 (2026-01-31T23:59:59Z), seconds, milliseconds or microseconds since 1970, or yyyyMMdd is expected; name another format with --time-format", text);
    }

    // Reads two numbers and a year with the same mark between them, and perhaps a time of day; returns the two formats that the text may have, and the numbers.
    private static (string DayFirst, string MonthFirst, int First, int Second)? FormatsOf(string text)
    {
        string[] parts = text.Trim().Split(' ', 2);
        char mark = parts[0].FirstOrDefault(c => c is '.' or '/' or '-');
        string[] numbers = mark == default ? [] : parts[0].Split(mark);
        if (numbers.Length != 3 || numbers[0].Length is 0 or > 2 || numbers[1].Length is 0 or > 2 || numbers[2].Length is not (2 or 4)
            || numbers.Any(number => number.AsSpan().ContainsAnyExceptInRange('0', '9')))
        {
            return null;
        }

        string time = parts.Length == 1 ? "" : parts[1].Count(c => c == ':') switch { 1 => " HH:mm", 2 => " HH:mm:ss", _ => " …" };
        string year = numbers[2].Length == 2 ? "yy" : "yyyy";
        string day = numbers[0].Length == 1 || numbers[1].Length == 1 ? "d" : "dd";
        string month = day == "d" ? "M" : "MM";
        return ($"{day}{mark}{month}{mark}{year}{time}", $"{month}{mark}{day}{mark}{year}{time}", int.Parse(numbers[0], CultureInfo.InvariantCulture), int.Parse(numbers[1], CultureInfo.InvariantCulture));
    }
}

using System.Globalization;
using System.Text;

namespace RecSys.Server.Bodies;

/// <summary>Reads and writes times in the format of RFC 3339, with date, time and offset, to the millisecond.</summary>
internal static class Rfc3339
{
    /// <summary>The longest accepted text, with nine digits of fractional seconds and an offset.</summary>
    public const int LengthMax = 35;

    /// <summary>The first millisecond of the year 1, UTC.</summary>
    public const long MinMs = -62_135_596_800_000;

    /// <summary>The last millisecond of the year 9999, UTC.</summary>
    public const long MaxMs = 253_402_300_799_999;

    private const string Format = "yyyy-MM-ddTHH:mm:ss.fffZ";
    private const int SecondsLength = 19;

    /// <summary>Reads a time; digits finer than a millisecond are truncated, and a leap second becomes the next second.</summary>
    /// <returns>False if the text is not a time of RFC 3339, or is outside the years 1 to 9999 in UTC.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long milliseconds)
    {
        milliseconds = 0;
        if (text.Length is <= SecondsLength or > LengthMax
            || text[4] != '-' || text[7] != '-' || (text[10] | 0x20) != 't' || text[13] != ':' || text[16] != ':'
            || !TryDigits(text[..4], out int year) || !TryDigits(text[5..7], out int month) || !TryDigits(text[8..10], out int day)
            || !TryDigits(text[11..13], out int hour) || !TryDigits(text[14..16], out int minute) || !TryDigits(text[17..19], out int second)
            || year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        ReadOnlySpan<byte> rest = text[SecondsLength..];
        if (!TryFraction(ref rest, out int fraction) || !TryOffset(rest, out int offsetMinutes))
        {
            return false;
        }

        long seconds = (new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Utc) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerSecond;
        milliseconds = ((seconds + second - (offsetMinutes * 60L)) * 1_000) + fraction;
        return milliseconds is >= MinMs and <= MaxMs;
    }

    /// <summary>Reads a time.</summary>
    public static bool TryParse(string text, out long milliseconds)
    {
        Span<byte> bytes = stackalloc byte[LengthMax];
        milliseconds = 0;
        return text.Length <= LengthMax
            && Encoding.UTF8.TryGetBytes(text, bytes, out int length)
            && TryParse(bytes[..length], out milliseconds);
    }

    /// <summary>Returns the text of a time in milliseconds since 1970, UTC; a time outside the years 1 to 9999 is clamped.</summary>
    public static string ToText(long milliseconds) =>
        ToTime(milliseconds).UtcDateTime.ToString(Format, CultureInfo.InvariantCulture);

    /// <summary>Returns the time of milliseconds since 1970, UTC; a time outside the years 1 to 9999 is clamped.</summary>
    public static DateTimeOffset ToTime(long milliseconds) =>
        DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(milliseconds, MinMs, MaxMs));

    private static bool TryDigits(ReadOnlySpan<byte> text, out int number)
    {
        number = 0;
        foreach (byte digit in text)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return true;
    }

    private static bool TryFraction(ref ReadOnlySpan<byte> rest, out int milliseconds)
    {
        milliseconds = 0;
        if (rest.IsEmpty || rest[0] != '.')
        {
            return true;
        }

        int digits = 0;
        for (rest = rest[1..]; !rest.IsEmpty && char.IsAsciiDigit((char)rest[0]); rest = rest[1..])
        {
            milliseconds = digits < 3 ? (milliseconds * 10) + (rest[0] - '0') : milliseconds;
            digits++;
        }

        for (int missing = digits; missing < 3; missing++)
        {
            milliseconds *= 10;
        }

        return digits is >= 1 and <= 9;
    }

    private static bool TryOffset(ReadOnlySpan<byte> rest, out int minutes)
    {
        minutes = 0;
        if (rest.Length == 1 && (rest[0] | 0x20) == 'z')
        {
            return true;
        }

        if (rest.Length != 6 || rest[0] is not ((byte)'+' or (byte)'-') || rest[3] != ':'
            || !TryDigits(rest[1..3], out int hour) || !TryDigits(rest[4..6], out int minute) || hour > 23 || minute > 59)
        {
            return false;
        }

        minutes = ((hour * 60) + minute) * (rest[0] == '-' ? -1 : 1);
        return true;
    }
}

using System.Globalization;
using RecSys.Cli.Import;
using Xunit;

namespace RecSys.Cli.Tests.Import;

public sealed class TimeTextTests
{
    [Theory]
    [InlineData("2024-01-05T10:15:00Z", "2024-01-05T10:15:00.000")]
    [InlineData("2024-01-05t10:15:00.25z", "2024-01-05T10:15:00.250")]
    [InlineData("2024-01-05T10:15:00+02:00", "2024-01-05T08:15:00.000")]
    [InlineData("2024-01-05T10:15:00-0530", "2024-01-05T15:45:00.000")]
    [InlineData("2024-01-05 10:15:00+01", "2024-01-05T09:15:00.000")]
    [InlineData("2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00.000")]
    [InlineData("2024-01-05 10:15", "2024-01-05T10:15:00.000")]
    [InlineData("2024-01-05 10:15:30.123456789", "2024-01-05T10:15:30.123")]
    [InlineData("2024/01/05 10:15:30", "2024-01-05T10:15:30.000")]
    [InlineData("2024-01-05", "2024-01-05T00:00:00.000")]
    [InlineData("20240105", "2024-01-05T00:00:00.000")]
    [InlineData("20240105101530", "2024-01-05T10:15:30.000")]
    [InlineData("20240105T101530Z", "2024-01-05T10:15:30.000")]
    [InlineData("881250949", "1997-12-04T15:55:49.000")]
    [InlineData("1546300800.5", "2019-01-01T00:00:00.500")]
    [InlineData("1433221332117", "2015-06-02T05:02:12.117")]
    [InlineData("1433221332117000", "2015-06-02T05:02:12.117")]
    [InlineData("Fri Jan 06 15:00:00 -0800 2012", "2012-01-06T23:00:00.000")]
    [InlineData("Fri, 05 Jan 2024 10:15:00 GMT", "2024-01-05T10:15:00.000")]
    [InlineData("01-Jan-1995", "1995-01-01T00:00:00.000")]
    public void A_time_that_can_mean_one_thing_only_is_read(string text, string utc)
    {
        Assert.Null(TimeText.Read(text, out DateTimeOffset time, out TimeShape shape));
        Assert.Equal(utc, time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fff", CultureInfo.InvariantCulture));
        Assert.NotEqual(TimeShape.None, shape);
    }

    [Theory]
    [InlineData("05.01.2024", "--time-format \"dd.MM.yyyy\" or \"MM.dd.yyyy\"")]
    [InlineData("1/5/2024 10:15", "--time-format \"d/M/yyyy HH:mm\" or \"M/d/yyyy HH:mm\"")]
    [InlineData("31.12.24", "--time-format \"dd.MM.yy\"")]
    [InlineData("19.11.2026 04:21", "is written with the day first: name its format with --time-format \"dd.MM.yyyy HH:mm\"")]
    [InlineData("11/19/2026", "is written with the month first: name its format with --time-format \"MM/dd/yyyy\"")]
    [InlineData("10:15", "time of day")]
    [InlineData("10:15:00", "time of day")]
    [InlineData("3,4", "is not a time")]
    [InlineData("45296", "spreadsheet")]
    [InlineData("45296.42", "spreadsheet")]
    [InlineData("12345", "epoch-s")]
    [InlineData("5", "epoch-s")]
    [InlineData("2024-13-05", "is not a time")]
    [InlineData("2024-02-30", "is not a time")]
    [InlineData("2024-01-05T25:00:00Z", "is not a time")]
    [InlineData("2024-01-05T10:15:00+05:3", "is not a time")]
    [InlineData("2024-01-05T10:15:00+05045", "is not a time")]
    [InlineData("2024-01-05x", "is not a time")]
    [InlineData("2024-01", "is not a time")]
    [InlineData("20241305", "epoch-s")]
    [InlineData("1.2.3", "is not a time")]
    [InlineData("-1", "is not a time")]
    [InlineData("yesterday-ish", "is not a time")]
    [InlineData("NaN", "is not a time")]
    public void Other_times_are_refused_with_what_to_do(string text, string hint)
    {
        RowProblem? problem = TimeText.Read(text, out _, out _);

        Assert.Contains(hint, problem?.Text, StringComparison.Ordinal);
        Assert.DoesNotContain($"'{text}'", problem!.Cause, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("dd.MM.yyyy", "05.01.2024", "2024-01-05 00:00:00")]
    [InlineData("MM/dd/yyyy HH:mm", "01/05/2024 10:15", "2024-01-05 10:15:00")]
    [InlineData("%d/%m/%Y %H:%M:%S", "05/01/2024 10:15:30", "2024-01-05 10:15:30")]
    [InlineData("%Y-%m-%dT%H:%M:%S", "2024-01-05T10:15:30", "2024-01-05 10:15:30")]
    [InlineData("M/d/yyyy h:mm tt", "1/5/2024 9:15 PM", "2024-01-05 21:15:00")]
    [InlineData("%m/%d/%y %I:%M %p", "01/05/24 12:15 AM", "2024-01-05 00:15:00")]
    [InlineData("dd.MM.yyyy HH", "05.01.2024 07", "2024-01-05 07:00:00")]
    [InlineData("yyyyMMddHHmm", "202401050715", "2024-01-05 07:15:00")]
    [InlineData("yyyy-MM-dd HH:mm zzz", "2024-01-05 07:15 +02:00", "2024-01-05 05:15:00")]
    [InlineData("epoch-s", "5", "1970-01-01 00:00:05")]
    [InlineData("epoch-ms", "1500", "1970-01-01 00:00:01")]
    [InlineData("epoch-ns", "1546300800000000000", "2019-01-01 00:00:00")]
    public void A_named_format_is_read(string format, string text, string utc)
    {
        Assert.Null(TimeFormat.Parse(format).Read(text, out DateTimeOffset time));
        Assert.Equal(utc, time.UtcDateTime.ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture));
    }

    [Theory]
    [InlineData("epoch-s", "soon")]
    [InlineData("epoch-s", "99999999999999999999999999")]
    [InlineData("dd.MM.yyyy", "2024-01-05")]
    public void A_time_of_another_format_is_refused(string format, string text) =>
        Assert.Contains($"'{text}' is not in the format {format}", TimeFormat.Parse(format).Read(text, out _)?.Text, StringComparison.Ordinal);

    [Theory]
    [InlineData("HH:mm")]
    [InlineData("nonsense")]
    [InlineData("%Q")]
    [InlineData("mm/dd/yyyy")]
    [InlineData("dd.mm.yyyy HH:mm")]
    [InlineData("yyyy-MM-dd hh:mm")]
    [InlineData("%d.%m.%Y %I:%M")]
    public void A_format_without_a_date_is_wrong_usage(string format) =>
        Assert.Equal(ExitCodes.WrongUsage, Assert.Throws<CommandException>(() => TimeFormat.Parse(format)).ExitCode);
}

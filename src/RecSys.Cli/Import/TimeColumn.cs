using System.Globalization;

namespace RecSys.Cli.Import;

/// <summary>The times of a file: in one column, or a date in one and a time of day in another.</summary>
/// <param name="column">Index of the column of times or dates.</param>
/// <param name="timeOfDayColumn">Index of the column of times of day; −1 if there is none.</param>
/// <param name="format">Format of the times; null to detect it.</param>
internal sealed class TimeColumn(int column, int timeOfDayColumn, TimeFormat? format)
{
    private readonly Dictionary<TimeShape, long> _shapes = [];
    private readonly Dictionary<string, (long Count, string Text)> _problems = new(StringComparer.Ordinal);

    /// <summary>Gets how many rows have no time.</summary>
    public long Missing { get; private set; }

    /// <summary>Gets how many times were read.</summary>
    public long Count => _shapes.Values.Sum();

    /// <summary>Gets how many times are the time 0, 1970-01-01 00:00:00.</summary>
    public long Zeros { get; private set; }

    /// <summary>Gets whether all times that were read are dates without a time of day.</summary>
    public bool HasDatesOnly { get; private set; } = true;

    /// <summary>Gets the earliest time.</summary>
    public DateTimeOffset First { get; private set; } = DateTimeOffset.MaxValue;

    /// <summary>Gets the latest time.</summary>
    public DateTimeOffset Last { get; private set; } = DateTimeOffset.MinValue;

    /// <summary>Gets the times that cannot be read, by cause: their number and an example.</summary>
    public IEnumerable<(long Count, string Text)> Problems => _problems.Values;

    /// <summary>Adds a row's time.</summary>
    public void Observe(Cell[] cells)
    {
        RowProblem? problem = Read(cells, out DateTimeOffset? time, out TimeShape shape);
        if (problem is not null)
        {
            _problems[problem.Cause] = _problems.TryGetValue(problem.Cause, out (long Count, string Text) known) ? (known.Count + 1, known.Text) : (1, problem.Text);
        }
        else if (time is not { } read)
        {
            Missing++;
        }
        else
        {
            _shapes[shape] = _shapes.GetValueOrDefault(shape) + 1;
            Zeros += read == DateTimeOffset.UnixEpoch ? 1 : 0;
            HasDatesOnly &= read.TimeOfDay == TimeSpan.Zero;
            First = read < First ? read : First;
            Last = read > Last ? read : Last;
        }
    }

    /// <summary>Reads a row's time.</summary>
    /// <returns>The problem, or null; the time is null if the row has none.</returns>
    public RowProblem? Read(Cell[] cells, out DateTimeOffset? time, out TimeShape shape)
    {
        time = null;
        shape = TimeShape.None;
        string? text = cells[column].Text;
        if (text is null)
        {
            return null;
        }

        string? timeText = timeOfDayColumn >= 0 ? cells[timeOfDayColumn].Text : null;
        DateTimeOffset read;
        RowProblem? problem;
        if (timeText is null)
        {
            problem = ReadOne(text, out read, out shape);
        }
        else
        {
            problem = ReadTwo(text, timeText, out read);
            shape = TimeShape.TwoColumns;
        }

        time = problem is null ? read : null;
        return problem;
    }

    /// <summary>Describes the times, such as <c>epoch s, 1997-09-20 to 1998-04-22</c>.</summary>
    public string Describe()
    {
        if (Count == 0)
        {
            return Problems.Any() ? "no time can be read" : "no row has a time";
        }

        IEnumerable<string> shapes = _shapes.OrderByDescending(pair => pair.Value).Select(pair => NameOf(pair.Key));
        return string.Create(CultureInfo.InvariantCulture, $"{string.Join(" and ", shapes)}, {First.UtcDateTime:yyyy-MM-dd} to {Last.UtcDateTime:yyyy-MM-dd}");
    }

    private RowProblem? ReadOne(string text, out DateTimeOffset time, out TimeShape shape)
    {
        shape = TimeShape.Custom;
        return format is null ? TimeText.Read(text, out time, out shape) : format.Read(text, out time);
    }

    private RowProblem? ReadTwo(string date, string timeText, out DateTimeOffset time)
    {
        if (format is not null && format.Read($"{date} {timeText}", out time) is null)
        {
            return null;
        }

        RowProblem? problem = ReadOne(date, out time, out _);
        if (problem is not null)
        {
            return problem;
        }

        if (!TimeText.ReadTimeOfDay(timeText, out TimeSpan timeOfDay))
        {
            return new RowProblem("is not a time of day", $"'{timeText}' is not a time of day, such as 23:59:59");
        }

        time = new DateTimeOffset(time.UtcDateTime.Date + timeOfDay, TimeSpan.Zero);
        return null;
    }

    private string NameOf(TimeShape shape) => shape switch
    {
        TimeShape.WithOffset => "date and time with an offset",
        TimeShape.WithoutOffset => "date and time, taken as UTC",
        TimeShape.Date => "date",
        TimeShape.CompactDate => "yyyyMMdd",
        TimeShape.EpochSeconds => "epoch s",
        TimeShape.EpochMilliseconds => "epoch ms",
        TimeShape.EpochMicroseconds => "epoch us",
        TimeShape.Named => "date with the name of its month",
        TimeShape.TwoColumns => "date and time of day",
        _ => format?.Name ?? "",
    };
}

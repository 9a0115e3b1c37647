namespace RecSys.Cli.Import;

/// <summary>The form of a time.</summary>
internal enum TimeShape
{
    /// <summary>The text is not a supported time.</summary>
    None,

    /// <summary>Date, time and offset, such as <c>2026-01-31T23:59:59Z</c>.</summary>
    WithOffset,

    /// <summary>Date and time without an offset: taken as UTC.</summary>
    WithoutOffset,

    /// <summary>A date, such as <c>2026-01-31</c>: taken as its midnight, UTC.</summary>
    Date,

    /// <summary>A date as <c>yyyyMMdd</c>: taken as its midnight, UTC.</summary>
    CompactDate,

    /// <summary>Seconds since 1970.</summary>
    EpochSeconds,

    /// <summary>Milliseconds since 1970.</summary>
    EpochMilliseconds,

    /// <summary>Microseconds since 1970.</summary>
    EpochMicroseconds,

    /// <summary>A time with the names of day and month, such as <c>Sat, 31 Jan 2026 23:59:59 GMT</c>.</summary>
    Named,

    /// <summary>The format of <c>--time-format</c>.</summary>
    Custom,

    /// <summary>A date in one column and a time of day in another.</summary>
    TwoColumns,
}

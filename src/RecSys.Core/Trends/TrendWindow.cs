namespace RecSys.Core.Trends;

/// <summary>The window of a trend: the half-life of the exponential decay of weights.</summary>
public enum TrendWindow
{
    /// <summary>A half-life of one hour.</summary>
    Hour = 0,

    /// <summary>A half-life of one day.</summary>
    Day = 1,

    /// <summary>A half-life of one week.</summary>
    Week = 2,

    /// <summary>No decay: popularity since the beginning.</summary>
    AllTime = 3,
}

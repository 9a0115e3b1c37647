namespace RecSys.Core.Trends;

/// <summary>The part of one user in an item's trend; none if the weight is 0.</summary>
/// <param name="Weight">Weight, not below 0.</param>
/// <param name="TimestampMs">Time from which it decays, in milliseconds since 1970, UTC.</param>
internal readonly record struct TrendPart(float Weight, long TimestampMs)
{
    public bool IsNone => !(Weight > 0);
}

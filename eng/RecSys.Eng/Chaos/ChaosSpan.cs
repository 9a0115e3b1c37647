using System.Globalization;

namespace RecSys.Eng.Chaos;

/// <summary>What was seen in a second or a step.</summary>
internal sealed class ChaosSpan(string name)
{
    /// <summary>Gets the step.</summary>
    public string Name => name;

    /// <summary>Gets or sets the number of answered slates.</summary>
    public int Slates { get; set; }

    /// <summary>Gets or sets how many of them were full.</summary>
    public int Full { get; set; }

    /// <summary>Gets the times of the answers.</summary>
    public List<double> TookMs { get; } = [];

    /// <summary>Gets or sets how many slates a node that was not disturbed failed to answer: with 5xx, or not in time.</summary>
    public int Failed { get; set; }

    /// <summary>Gets or sets how many slates a disturbed node failed to answer.</summary>
    public int FailedOfDisturbed { get; set; }

    /// <summary>Gets or sets how many slates were refused (4xx), as in an overload.</summary>
    public int Refused { get; set; }

    /// <summary>Gets or sets how many writes failed; they were sent again.</summary>
    public int FailedWrites { get; set; }

    /// <summary>Gets or sets the most nodes that were not ready at a time.</summary>
    public int Unready { get; set; }

    /// <summary>Gets or sets the largest freshness of a slate, in milliseconds.</summary>
    public double FreshnessMs { get; set; }

    /// <summary>Gets or sets the largest lag of a partition that was not disturbed, in milliseconds.</summary>
    public double LagOfOthersMs { get; set; }

    /// <summary>Gets or sets the number of acknowledged interactions.</summary>
    public long Acknowledged { get; set; }

    /// <summary>Gets the 95th percentile of the answers' times, in milliseconds; 0 without an answer.</summary>
    public double P95Ms
    {
        get
        {
            double[] sorted = [.. TookMs.Order()];
            return sorted.Length == 0 ? 0 : sorted[(int)((sorted.Length - 1) * 0.95)];
        }
    }

    /// <summary>Returns the cells of a table, see <see cref="ChaosRecord.Heading"/>.</summary>
    public string Row() => string.Create(
        CultureInfo.InvariantCulture,
        $"| {name} | {Slates} | {(Slates == 0 ? "-" : $"{100 * Full / Slates} %")} | {P95Ms:0} | {Failed} | {Unready} | {FreshnessMs:0} | {LagOfOthersMs:0} | {Acknowledged} |");
}

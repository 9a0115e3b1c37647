namespace RecSys.Cli.Import;

/// <summary>The facts about the values of a column: their range, and the numbers that may mean "no rating".</summary>
internal sealed class ValueFacts
{
    /// <summary>The largest number of distinct values that are counted exactly.</summary>
    private const int DistinctMax = 256;

    private readonly Dictionary<double, long> _counts = [];

    /// <summary>Gets how many values there are.</summary>
    public long Count { get; private set; }

    /// <summary>Gets how many distinct values there are, at most 257.</summary>
    public int Distinct => _counts.Count;

    /// <summary>Gets the smallest value.</summary>
    public double Min { get; private set; } = double.PositiveInfinity;

    /// <summary>Gets the largest value.</summary>
    public double Max { get; private set; } = double.NegativeInfinity;

    /// <summary>Gets the smallest value except −1 and 0, which may mean "no rating".</summary>
    public double MinButMarks { get; private set; } = double.PositiveInfinity;

    /// <summary>Gets the largest value except 99, which may mean "no rating".</summary>
    public double MaxButMarks { get; private set; } = double.NegativeInfinity;

    /// <summary>Gets whether all values are whole numbers.</summary>
    public bool IsWhole { get; private set; } = true;

    /// <summary>Adds a value.</summary>
    public void Add(double value)
    {
        Count++;
        Min = Math.Min(Min, value);
        Max = Math.Max(Max, value);
        IsWhole &= Math.Floor(value) == value;
        if (value is not (-1 or 0))
        {
            MinButMarks = Math.Min(MinButMarks, value);
        }

        if (value is not 99)
        {
            MaxButMarks = Math.Max(MaxButMarks, value);
        }

        if (_counts.TryGetValue(value, out long count))
        {
            _counts[value] = count + 1;
        }
        else if (_counts.Count <= DistinctMax)
        {
            _counts[value] = 1;
        }
    }

    /// <summary>Returns how often a value occurs; 0 for a value that is not among the counted distinct ones.</summary>
    public long CountOf(double value) => _counts.GetValueOrDefault(value);
}

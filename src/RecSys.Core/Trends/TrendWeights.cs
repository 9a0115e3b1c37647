using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// Stores, per item and window, the sum of weights that halve every half-life h: S(now) = Σ w 2^((t − now) / h). The stored value does not depend on
/// now: L = log2 Σ w 2^(t / h), so that S(now) = 2^(L − now / h). A wrong time of one item cannot make the L of another item overflow or vanish.
/// The sum over all time is stored directly.
/// </summary>
internal sealed class TrendWeights
{
    public const int WindowCount = 4;

    private const int DecayingCount = (int)TrendWindow.AllTime;

    private static readonly double[] HalfLifeMs = [3_600_000, 86_400_000, 604_800_000];

    private double[] _values = new double[64 * WindowCount];

    /// <summary>Gets the stored values of an item, comparable between items within a window; −∞ (0 for all time) for an item without weight.</summary>
    public ReadOnlySpan<double> this[int item] => ValuesOf(item);

    /// <summary>Adds one more item, without weight.</summary>
    public void Extend(int item)
    {
        if ((item + 1) * WindowCount > _values.Length)
        {
            Array.Resize(ref _values, _values.Length * 2);
        }

        Clear(item);
    }

    /// <summary>Adds a weight, above 0, at a time.</summary>
    public void Add(int item, float weight, long timestampMs)
    {
        Span<double> values = ValuesOf(item);
        double power = Math.Log2(weight);
        for (int window = 0; window < DecayingCount; window++)
        {
            values[window] = AddPowers(values[window], power + (timestampMs / HalfLifeMs[window]));
        }

        values[(int)TrendWindow.AllTime] += weight;
    }

    /// <summary>
    /// Returns an item's weight, decayed to a time, and at most its weight of all time, which is an upper bound for interactions before that time.
    /// So an interaction with a later time counts as if it happened at that time.
    /// </summary>
    public double At(int item, TrendWindow window, long nowMs)
    {
        ReadOnlySpan<double> values = ValuesOf(item);
        double ever = values[(int)TrendWindow.AllTime];
        return window == TrendWindow.AllTime ? ever : Math.Min(double.Exp2(values[(int)window] - (nowMs / HalfLifeMs[(int)window])), ever);
    }

    /// <summary>Removes an item's weight.</summary>
    public void Clear(int item)
    {
        Span<double> values = ValuesOf(item);
        values.Fill(double.NegativeInfinity);
        values[(int)TrendWindow.AllTime] = 0;
    }

    /// <summary>Moves the kept items' values to their new numbers.</summary>
    public void Compact(ReadOnlySpan<int> kept)
    {
        double[] values = new double[Math.Max(64, kept.Length) * WindowCount];
        for (int item = 0; item < kept.Length; item++)
        {
            this[kept[item]].CopyTo(values.AsSpan(item * WindowCount));
        }

        _values = values;
    }

    public void Write(ref ByteWriter writer, int itemCount)
    {
        foreach (double value in _values.AsSpan(0, itemCount * WindowCount))
        {
            writer.Double(value);
        }
    }

    public void Read(ref ByteReader reader, int itemCount)
    {
        for (int item = 0; item < itemCount && !reader.IsBroken; item++)
        {
            foreach (ref double value in ValuesOf(item))
            {
                value = reader.Double();
                if (!(value < double.PositiveInfinity))
                {
                    reader.Break();
                }
            }
        }
    }

    /// <summary>Reads weights that version 1 of the format saved: one origin per window, and sums Σ w 2^((t − origin) / h).</summary>
    public void ReadVersion1(ref ByteReader reader, int itemCount)
    {
        reader.Byte(); // whether there was an origin: where there was none, all sums are 0
        Span<double> originMs = stackalloc double[WindowCount];
        foreach (ref double origin in originMs)
        {
            origin = reader.Finite();
        }

        for (int item = 0; item < itemCount && !reader.IsBroken; item++)
        {
            Span<double> values = ValuesOf(item);
            for (int window = 0; window < WindowCount; window++)
            {
                double sum = reader.Finite();
                values[window] = window == (int)TrendWindow.AllTime ? sum : Math.Log2(Math.Max(sum, 0)) + (originMs[window] / HalfLifeMs[window]);
            }
        }
    }

    /// <summary>Returns log2(2^a + 2^b), with the larger power factored out to avoid overflow.</summary>
    private static double AddPowers(double a, double b)
    {
        (double larger, double smaller) = a > b ? (a, b) : (b, a);
        return larger + double.Log2(1 + double.Exp2(smaller - larger));
    }

    private Span<double> ValuesOf(int item) => _values.AsSpan(item * WindowCount, WindowCount);
}

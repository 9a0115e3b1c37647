using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// Per item and window, the sum of weights that decay by half every half-life. Instead of the sums the increments change: one at time t counts
/// 2^((t − origin) / half-life), and a reader divides by what an increment of now would count. When they grow too large, the
/// origin moves on by whole half-lives, which is exact.
/// </summary>
internal sealed class TrendWeights
{
    public const int WindowCount = 4;

    private const double HalfLivesMax = 512;

    private static readonly double[] HalfLifeMs = [3_600_000, 86_400_000, 604_800_000, double.PositiveInfinity];

    private readonly double[] _originMs = new double[WindowCount];
    private double[] _sums = new double[64 * WindowCount];
    private bool _hasOrigin;

    /// <summary>The sums of an item, inflated: comparable with one another within a window.</summary>
    public ReadOnlySpan<double> this[int item] => _sums.AsSpan(item * WindowCount, WindowCount);

    /// <summary>Makes room for one more item, of no weight.</summary>
    public void Extend(int item)
    {
        if ((item + 1) * WindowCount > _sums.Length)
        {
            Array.Resize(ref _sums, _sums.Length * 2);
        }
    }

    /// <summary>Adds a weight of a time. If an origin moved, tells by what power of two each window's sums were multiplied.</summary>
    public void Add(int item, float weight, long timestampMs, Action<int, int> rescaled)
    {
        if (!_hasOrigin)
        {
            _originMs.AsSpan().Fill(timestampMs);
            _hasOrigin = true;
        }

        Span<double> sums = _sums.AsSpan(item * WindowCount, WindowCount);
        for (int window = 0; window < (int)TrendWindow.AllTime; window++)
        {
            double halfLives = (timestampMs - _originMs[window]) / HalfLifeMs[window];
            if (halfLives > HalfLivesMax)
            {
                int moved = (int)Math.Min(Math.Floor(halfLives), int.MaxValue);
                Rescale(window, -moved);
                _originMs[window] += moved * HalfLifeMs[window];
                rescaled(window, -moved);
                halfLives = (timestampMs - _originMs[window]) / HalfLifeMs[window];
            }

            sums[window] += weight * double.Exp2(halfLives);
        }

        sums[(int)TrendWindow.AllTime] += weight;
    }

    /// <summary>What the sums of a window are to be multiplied by to be those of a time.</summary>
    public double ScaleAt(TrendWindow window, long nowMs) =>
        window == TrendWindow.AllTime ? 1 : double.Exp2((_originMs[(int)window] - nowMs) / HalfLifeMs[(int)window]);

    /// <summary>Takes an item's weight away.</summary>
    public void Clear(int item) => _sums.AsSpan(item * WindowCount, WindowCount).Clear();

    /// <summary>Gives the kept items' sums their new places.</summary>
    public void Compact(ReadOnlySpan<int> kept)
    {
        double[] sums = new double[Math.Max(64, kept.Length) * WindowCount];
        for (int item = 0; item < kept.Length; item++)
        {
            this[kept[item]].CopyTo(sums.AsSpan(item * WindowCount));
        }

        _sums = sums;
    }

    public void Write(ref ByteWriter writer, int itemCount)
    {
        writer.Byte((byte)(_hasOrigin ? 1 : 0));
        foreach (double origin in _originMs)
        {
            writer.Double(origin);
        }

        foreach (double sum in _sums.AsSpan(0, itemCount * WindowCount))
        {
            writer.Double(sum);
        }
    }

    public void Read(ref ByteReader reader, int itemCount)
    {
        _hasOrigin = reader.Byte() != 0;
        foreach (ref double origin in _originMs.AsSpan())
        {
            origin = reader.Finite();
        }

        _sums = new double[Math.Max(64, itemCount) * WindowCount];
        foreach (ref double sum in _sums.AsSpan(0, itemCount * WindowCount))
        {
            sum = reader.Double();
        }
    }

    private void Rescale(int window, int power)
    {
        for (int at = window; at < _sums.Length; at += WindowCount)
        {
            _sums[at] = Math.ScaleB(_sums[at], power);
        }
    }
}

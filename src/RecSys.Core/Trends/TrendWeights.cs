using System.Runtime.Intrinsics;
using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// Stores, per item and window, the sum of the users' parts, which halve every half-life h: S(now) = Σ w 2^((t − now) / h), and the number of users, which decays in the same way: N(now) = Σ 2^((t − now) / h).
/// The stored values do not depend on now: L = log2 Σ w 2^(t / h), so that S(now) = 2^(L − now / h). A wrong time of one item cannot make the L of another item overflow or vanish.
/// The sums over all time are stored directly.
/// </summary>
/// <remarks>
/// The score is S · N / (N + <see cref="PeoplePrior"/>): the mean weight of a user times the number of users, as if <see cref="PeoplePrior"/> further users without weight were counted. So the score of an item with few users is reduced most,
/// and that of an item with many users is almost unchanged.
/// </remarks>
internal sealed class TrendWeights
{
    public const int WindowCount = 4;

    /// <summary>Number of users without weight that each score includes.</summary>
    public const double PeoplePrior = 3;

    private const int AllTime = (int)TrendWindow.AllTime;
    private const int Stride = 2 * WindowCount;

    private const double Ln2 = 0.693147180559945309;

    private static readonly double[] HalfLifeMs = [3_600_000, 86_400_000, 604_800_000];

    // Of each item: the sums of weights by window, then the numbers of users by window.
    private double[] _values = new double[64 * Stride];

    /// <summary>Gets the stored sums of an item, comparable between items within a window; −∞ (0 for all time) for an item without weight.</summary>
    public ReadOnlySpan<double> this[int item] => ValuesOf(item)[..WindowCount];

    /// <summary>Returns the number of users with a part in an item.</summary>
    public long PeopleOf(int item) => (long)ValuesOf(item)[^1];

    /// <summary>Reads the values of an item, so that the processor's caches contain them. Returns a number of 0 or more, which the caller uses so that the compiler keeps the reads.</summary>
    public int Preload(int item) => (int)PeopleOf(item) & int.MaxValue;

    /// <summary>Adds one more item, without weight.</summary>
    public void Extend(int item)
    {
        if ((item + 1) * Stride > _values.Length)
        {
            Array.Resize(ref _values, _values.Length * 2);
        }

        Clear(item);
    }

    /// <summary>Adds the part of one more user.</summary>
    public void Add(int item, TrendPart part)
    {
        Span<double> values = ValuesOf(item);
        AddPart(values, part);
        values[^1]++;
    }

    /// <summary>Removes the part of a user, which was added.</summary>
    public void Remove(int item, TrendPart part)
    {
        Span<double> values = ValuesOf(item);
        if (values[^1] <= 1)
        {
            Clear(item);
            return;
        }

        SubtractPart(values, part);
        values[^1]--;
    }

    /// <summary>Replaces the part of a user.</summary>
    public void Replace(int item, TrendPart old, TrendPart part)
    {
        Span<double> values = ValuesOf(item);
        if (values[^1] <= 1)
        {
            Clear(item);
            Add(item, part);
            return;
        }

        SubtractPart(values, old);
        AddPart(values, part);
    }

    /// <summary>
    /// Returns an item's score, decayed to a time. The sum and the number of users are limited to those of all time, which are upper bounds if no interaction is later than that time.
    /// So interactions with later times cannot raise the score above that of all time.
    /// </summary>
    public double At(int item, TrendWindow window, long nowMs)
    {
        ReadOnlySpan<double> values = ValuesOf(item);
        double sum = At(values[..WindowCount], window, nowMs);
        double people = At(values[WindowCount..], window, nowMs);
        return sum * (people / (people + PeoplePrior));
    }

    /// <summary>Removes all parts of an item.</summary>
    public void Clear(int item)
    {
        Span<double> values = ValuesOf(item);
        values.Fill(double.NegativeInfinity);
        values[AllTime] = 0;
        values[^1] = 0;
    }

    /// <summary>Moves the kept items' values to their new numbers.</summary>
    public void Compact(ReadOnlySpan<int> kept)
    {
        double[] values = new double[Math.Max(64, kept.Length) * Stride];
        for (int item = 0; item < kept.Length; item++)
        {
            ValuesOf(kept[item]).CopyTo(values.AsSpan(item * Stride));
        }

        _values = values;
    }

    /// <summary>Raises the number of users of an item that an earlier version saved without it.</summary>
    public void RaisePeople(int item, int peopleMin)
    {
        ref double people = ref ValuesOf(item)[^1];
        people = Math.Max(people, peopleMin);
    }

    public void Write(ref ByteWriter writer, int itemCount)
    {
        foreach (double value in _values.AsSpan(0, itemCount * Stride))
        {
            writer.Double(value);
        }
    }

    public void Read(ref ByteReader reader, int itemCount)
    {
        for (int item = 0; item < itemCount && !reader.IsBroken; item++)
        {
            Span<double> values = ValuesOf(item);
            ReadPowers(ref reader, values);
            if (!(values[AllTime] >= 0) || !(values[^1] >= 0))
            {
                reader.Break();
            }
        }
    }

    /// <summary>Reads weights that version 2 of the format saved: without the numbers of users.</summary>
    public void ReadVersion2(ref ByteReader reader, int itemCount)
    {
        for (int item = 0; item < itemCount && !reader.IsBroken; item++)
        {
            Span<double> values = ValuesOf(item);
            ReadPowers(ref reader, values[..WindowCount]);
            EstimatePeople(values);
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
                values[window] = window == AllTime ? sum : Math.Log2(Math.Max(sum, 0)) + (originMs[window] / HalfLifeMs[window]);
            }

            EstimatePeople(values);
        }
    }

    private static void ReadPowers(ref ByteReader reader, Span<double> values)
    {
        foreach (ref double value in values)
        {
            value = reader.Double();
            if (!(value < double.PositiveInfinity))
            {
                reader.Break();
            }
        }
    }

    // As if each user had a weight of 1.
    private static void EstimatePeople(Span<double> values)
    {
        values[..WindowCount].CopyTo(values[WindowCount..]);
        values[^1] = Math.Ceiling(values[^1]);
    }

    private static double At(ReadOnlySpan<double> values, TrendWindow window, long nowMs)
    {
        double ever = values[AllTime];
        return window == TrendWindow.AllTime ? ever : Math.Min(double.Exp2(values[(int)window] - (nowMs / HalfLifeMs[(int)window])), ever);
    }

    private static void AddPart(Span<double> values, TrendPart part)
    {
        double power = PowerOf(part.Weight);
        Vector256<double> times = TimesOf(part.TimestampMs);
        (Vector256<double> sums, Vector256<double> people) = Read(values);
        bool isSame = power == 0 && sums == people; // every user's weight is 1, as with views
        Vector256<double> newSums = AddPowers(sums, times + Vector256.Create(power));
        Write(values, newSums, isSame ? newSums : AddPowers(people, times), sums[AllTime] + part.Weight, people[AllTime]);
    }

    private static void SubtractPart(Span<double> values, TrendPart part)
    {
        double power = PowerOf(part.Weight);
        Vector256<double> times = TimesOf(part.TimestampMs);
        (Vector256<double> sums, Vector256<double> people) = Read(values);
        bool isSame = power == 0 && sums == people; // every user's weight is 1, as with views
        Vector256<double> newSums = SubtractPowers(sums, times + Vector256.Create(power));
        Write(values, newSums, isSame ? newSums : SubtractPowers(people, times), Math.Max(0, sums[AllTime] - part.Weight), people[AllTime]);
    }

    // The windows of a part are computed at once. The lane of all time has no power: its result is not used.
    private static (Vector256<double> Sums, Vector256<double> People) Read(ReadOnlySpan<double> values) =>
        (Vector256.Create(values), Vector256.Create(values[WindowCount..]));

    private static void Write(Span<double> values, Vector256<double> sums, Vector256<double> people, double sumEver, double peopleEver)
    {
        sums.WithElement(AllTime, sumEver).CopyTo(values);
        people.WithElement(AllTime, peopleEver).CopyTo(values[WindowCount..]);
    }

    private static double PowerOf(float weight) => weight == 1 ? 0 : Math.Log2(weight);

    private static Vector256<double> TimesOf(long timestampMs) =>
        Vector256.Create((double)timestampMs) / Vector256.Create(HalfLifeMs[0], HalfLifeMs[1], HalfLifeMs[2], double.PositiveInfinity);

    /// <summary>Returns log2(2^a + 2^b), with the larger power factored out to avoid overflow.</summary>
    private static Vector256<double> AddPowers(Vector256<double> a, Vector256<double> b)
    {
        Vector256<double> larger = Vector256.Max(a, b);
        return larger + Vector256.Log2(Vector256<double>.One + Exp2(Vector256.Min(a, b) - larger));
    }

    /// <summary>Returns log2(2^a − 2^b), −∞ if the rounded difference is not above 0.</summary>
    private static Vector256<double> SubtractPowers(Vector256<double> a, Vector256<double> b) =>
        Vector256.ConditionalSelect(
            Vector256.LessThan(b, a),
            a + Vector256.Log2(Vector256<double>.One - Exp2(b - a)),
            Vector256.Create(double.NegativeInfinity));

    private static Vector256<double> Exp2(Vector256<double> power) => Vector256.Exp(power * Ln2);

    private Span<double> ValuesOf(int item) => _values.AsSpan(item * Stride, Stride);
}

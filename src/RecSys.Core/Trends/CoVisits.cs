using System.Runtime.InteropServices;
using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// Counts items with which the same users interacted in short succession: c(i, j) is the sum of d^−½ over the pairs of one user's items at distance d, in full if j
/// came after i or at the same time, multiplied by .15 if j came before i; <see cref="CountPair"/> adds a given weight instead of d^−½. A bounded number of neighbours is kept per item; the sums include the others too.
/// </summary>
/// <param name="neighboursMax">The largest number of neighbours that are kept of an item.</param>
/// <param name="totalDamping">What is added to the sum of all rows: the larger, the less is attributed to chance.</param>
/// <param name="discount">What is subtracted from each c(i, j), so that a pair of one user says little (absolute discounting: Ney, Essen and Kneser 1994).</param>
internal sealed class CoVisits(int neighboursMax, double totalDamping = CoVisits.DefaultTotalDamping, float discount = 0)
{
    private const double DefaultTotalDamping = 1_000;

    /// <summary>Factor of a neighbour that came before.</summary>
    private const float Backward = .15f;

    private const double Damping = 30;
    private const double ColumnPower = .1;
    private const int NeighboursMin = 4;

    /// <summary>The largest factor of a column: that of an empty one.</summary>
    public static readonly double ColumnFactorMax = Math.Pow(Damping, -ColumnPower);

    private static readonly float[] ByDistance =
        [.. Enumerable.Range(1, UserTails.TailMax).Select(distance => 1f / MathF.Sqrt(distance))];

    private readonly float[] _scratch = new float[neighboursMax];
    private Row[] _rows = new Row[64];

    // The sum of all rows.
    private double _total;

    // Σ d^−½ over returns to an item at distance d.
    private double _returns;

    /// <summary>Returns the score that an item of average co-visits has as its own neighbour: returns divided by co-visits, damped like the scores of <see cref="AppendNeighbours"/>.</summary>
    /// <remarks>The score is the same for all items, because most items have few returns.</remarks>
    public double ReturnScoreOf(int itemCount) =>
        _returns / (_total + totalDamping) * Math.Pow((_total / Math.Max(1, itemCount)) + Damping, -ColumnPower);

    /// <summary>Neighbours and their weights in one array: items in the first half, the bits of the weights in the second.</summary>
    private struct Row
    {
        public int[]? Cells;
        public int Count;
        public double Sum;
        public double ColumnSum;

        public readonly int Capacity => Cells is null ? 0 : Cells.Length / 2;

        public readonly Span<int> Items => Cells.AsSpan(0, Count);

        public readonly Span<float> Weights => MemoryMarshal.Cast<int, float>(Cells.AsSpan(Capacity, Count));
    }

    /// <summary>Makes room for an item.</summary>
    public void Extend(int item)
    {
        if (item >= _rows.Length)
        {
            Array.Resize(ref _rows, Math.Max(item + 1, _rows.Length * 2));
        }
    }

    /// <summary>Counts the pairs of a new item with those before it.</summary>
    /// <param name="item">Number of the new item.</param>
    /// <param name="tail">The items before it, newest first.</param>
    /// <param name="together">The number of items at the beginning of <paramref name="tail"/> that have the same time as the new item; a pair with them counts in full in both directions.</param>
    public void Count(int item, ReadOnlySpan<int> tail, int together)
    {
        // Reading every row once before the loop overlaps their cache misses. The sum is never negative; the check keeps the compiler from removing the reads.
        int touched = 0;
        foreach (int before in tail)
        {
            touched += _rows[before].Capacity;
        }

        if (touched < 0)
        {
            return;
        }

        for (int i = 0; i < tail.Length; i++)
        {
            Add(tail[i], item, ByDistance[i]);
            Add(item, tail[i], (i < together ? 1 : Backward) * ByDistance[i]);
        }
    }

    /// <summary>Counts one pair of items of a user.</summary>
    /// <param name="before">The item that came first.</param>
    /// <param name="after">The item that came after it.</param>
    /// <param name="weight">Weight of the pair, above 0.</param>
    /// <param name="isTogether">Whether neither came first.</param>
    public void CountPair(int before, int after, float weight, bool isTogether)
    {
        Extend(Math.Max(before, after));
        Add(before, after, weight);
        Add(after, before, isTogether ? weight : Backward * weight);
    }

    /// <summary>Counts a user's return to an item that is in their list.</summary>
    /// <param name="place">The item's place in the list, 0 for the newest.</param>
    public void CountReturn(int place) => _returns += ByDistance[place];

    /// <summary>
    /// Appends the neighbours of an item, in no order, with the share of its co-visits that each has beyond chance: (c − δ − r_i r_j / (t + T)) / ((r_i + 30) (r_j + 30)^.1), δ being the discount, T the total damping, r_i the sum of
    /// i's row, r_j that of j's column and t that of all. An item that comes after all others equally often has a score near 0.
    /// </summary>
    public void AppendNeighbours(int item, List<(double Score, int Item)> into)
    {
        if (item >= _rows.Length)
        {
            return;
        }

        ref readonly Row row = ref _rows[item];
        double rowFactor = 1 / (row.Sum + Damping);
        double chance = row.Sum / (_total + totalDamping);
        ReadOnlySpan<int> items = row.Items;
        ReadOnlySpan<float> weights = row.Weights;
        for (int i = 0; i < items.Length; i++)
        {
            double beyond = BeyondChance(weights[i], chance, items[i]);
            if (beyond > 0)
            {
                into.Add((beyond * rowFactor * ColumnFactorOf(items[i]), items[i]));
            }
        }
    }

    /// <summary>Adds to a sum for each neighbour of an item the score of <see cref="AppendNeighbours"/> without the factor of the neighbour's column, <see cref="ColumnFactorOf"/>.</summary>
    /// <param name="item">The item.</param>
    /// <param name="sums">A sum for each item.</param>
    /// <param name="found">Receives the neighbours whose sum was 0.</param>
    public void AddNeighbours(int item, Span<double> sums, List<int> found)
    {
        if (item >= _rows.Length)
        {
            return;
        }

        ref readonly Row row = ref _rows[item];
        double rowFactor = 1 / (row.Sum + Damping);
        double chance = row.Sum / (_total + totalDamping);
        ReadOnlySpan<int> items = row.Items;
        ReadOnlySpan<float> weights = row.Weights;
        for (int i = 0; i < items.Length; i++)
        {
            double beyond = BeyondChance(weights[i], chance, items[i]);
            if (beyond > 0)
            {
                if (sums[items[i]] == 0)
                {
                    found.Add(items[i]);
                }

                sums[items[i]] += beyond * rowFactor;
            }
        }
    }

    /// <summary>Returns the factor of an item's column in the scores of <see cref="AppendNeighbours"/>, at most <see cref="ColumnFactorMax"/>.</summary>
    public double ColumnFactorOf(int item) => Math.Pow(_rows[item].ColumnSum + Damping, -ColumnPower);

    /// <summary>Returns the part of a weight beyond the discount and what chance gives.</summary>
    private double BeyondChance(float weight, double chance, int column) => weight - discount - (chance * _rows[column].ColumnSum);

    /// <summary>Renumbers the kept items, and drops the others everywhere.</summary>
    /// <param name="kept">The old number of each new one.</param>
    /// <param name="numbers">The new number of each old one, or −1.</param>
    public void Compact(ReadOnlySpan<int> kept, ReadOnlySpan<int> numbers)
    {
        Row[] rows = new Row[Math.Max(64, kept.Length)];
        for (int item = 0; item < kept.Length; item++)
        {
            Row row = kept[item] < _rows.Length ? _rows[kept[item]] : default;
            Span<int> items = row.Items;
            Span<float> weights = row.Weights;
            row.Count = 0;
            for (int i = 0; i < items.Length; i++)
            {
                int neighbour = numbers[items[i]];
                if (neighbour >= 0)
                {
                    items[row.Count] = neighbour;
                    weights[row.Count++] = weights[i];
                }
            }

            rows[item] = row;
        }

        _rows = rows;
        double total = TotalOf(rows);
        _returns *= _total > 0 ? total / _total : 0;
        _total = total;
    }

    public void Write(ref ByteWriter writer, int itemCount)
    {
        writer.Double(_returns);
        foreach (ref readonly Row row in _rows.AsSpan(0, itemCount))
        {
            Write(ref writer, row);
        }
    }

    /// <summary>Writes the rows of the items that have pairs: few, where only some interactions are counted.</summary>
    public void WriteUsed(ref ByteWriter writer)
    {
        int count = 0;
        foreach (ref readonly Row row in _rows.AsSpan())
        {
            count += row.Cells is null ? 0 : 1;
        }

        writer.Count(count);
        for (int item = 0; item < _rows.Length; item++)
        {
            if (_rows[item].Cells is not null)
            {
                writer.Count(item);
                Write(ref writer, _rows[item]);
            }
        }
    }

    public void Read(ref ByteReader reader, int itemCount, bool hasReturns)
    {
        _returns = hasReturns ? reader.Finite() : 0;
        _rows = new Row[Math.Max(64, itemCount)];
        for (int item = 0; item < itemCount && !reader.IsBroken; item++)
        {
            _rows[item] = ReadRow(ref reader, itemCount);
        }

        _total = TotalOf(_rows);
    }

    /// <summary>Reads what <see cref="WriteUsed"/> wrote.</summary>
    public void ReadUsed(ref ByteReader reader, int itemCount)
    {
        int count = reader.Count(itemCount);
        for (int i = 0; i < count && !reader.IsBroken; i++)
        {
            int item = reader.Count(itemCount - 1);
            Row row = ReadRow(ref reader, itemCount);
            if (!reader.IsBroken)
            {
                Extend(item);
                _rows[item] = row;
            }
        }

        _total = TotalOf(_rows);
    }

    private static void Write(ref ByteWriter writer, in Row row)
    {
        writer.Double(row.Sum);
        writer.Double(row.ColumnSum);
        writer.Count(row.Count);
        for (int i = 0; i < row.Count; i++)
        {
            writer.Count(row.Items[i]);
            writer.Single(row.Weights[i]);
        }
    }

    private Row ReadRow(ref ByteReader reader, int itemCount)
    {
        Row row = new() { Sum = reader.Finite(), ColumnSum = reader.Finite() };
        int count = reader.Count(itemCount);
        for (int i = 0; i < count && !reader.IsBroken; i++)
        {
            int neighbour = reader.Count(itemCount - 1);
            float weight = reader.Single();
            if (!float.IsFinite(weight))
            {
                reader.Break();
            }

            Append(ref row, neighbour, weight);
        }

        return row;
    }

    private static double TotalOf(Row[] rows)
    {
        double total = 0;
        foreach (ref readonly Row row in rows.AsSpan())
        {
            total += row.Sum;
        }

        return total;
    }

    private void Add(int from, int to, float weight)
    {
        ref Row row = ref _rows[from];
        row.Sum += weight;
        _total += weight;
        _rows[to].ColumnSum += weight;
        int at = row.Items.IndexOf(to);
        if (at >= 0)
        {
            row.Weights[at] += weight;
        }
        else
        {
            Append(ref row, to, weight);
        }
    }

    private void Append(ref Row row, int item, float weight)
    {
        if (row.Count >= neighboursMax)
        {
            // Drop the half with the lowest weights in one pass: new neighbours keep their weight long enough to grow, and a pass frees many places.
            DropLeast(ref row, neighboursMax / 2);
        }
        else if (row.Count == row.Capacity)
        {
            int[] cells = new int[2 * Math.Clamp(row.Count * 2, NeighboursMin, neighboursMax)];
            row.Items.CopyTo(cells);
            row.Weights.CopyTo(MemoryMarshal.Cast<int, float>(cells.AsSpan(cells.Length / 2)));
            row.Cells = cells;
        }

        row.Count++;
        row.Items[^1] = item;
        row.Weights[^1] = weight;
    }

    /// <summary>Drops the neighbours with the lowest weights; among equal ones the oldest. The others keep their order.</summary>
    private void DropLeast(ref Row row, int count)
    {
        Span<int> items = row.Items;
        Span<float> weights = row.Weights;
        Span<float> scratch = _scratch.AsSpan(0, row.Count);
        weights.CopyTo(scratch);
        float last = Smallest(scratch, count - 1);
        int equalsToDrop = count;
        foreach (float weight in weights)
        {
            equalsToDrop -= weight < last ? 1 : 0;
        }

        row.Count = 0;
        for (int i = 0; i < items.Length; i++)
        {
            if (weights[i] > last || (weights[i] == last && --equalsToDrop < 0))
            {
                items[row.Count] = items[i];
                weights[row.Count++] = weights[i];
            }
        }
    }

    /// <summary>Returns the value at <paramref name="rank"/> in ascending order (quickselect, Hoare 1961); reorders the values.</summary>
    private static float Smallest(Span<float> values, int rank)
    {
        int low = 0;
        int high = values.Length - 1;
        while (low < high)
        {
            float pivot = values[(low + high) / 2];
            int left = low;
            int right = high;
            while (left <= right)
            {
                while (values[left] < pivot)
                {
                    left++;
                }

                while (values[right] > pivot)
                {
                    right--;
                }

                if (left <= right)
                {
                    (values[left], values[right]) = (values[right], values[left]);
                    left++;
                    right--;
                }
            }

            if (rank <= right)
            {
                high = right;
            }
            else if (rank >= left)
            {
                low = left;
            }
            else
            {
                break;
            }
        }

        return values[rank];
    }
}

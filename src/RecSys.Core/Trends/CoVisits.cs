using RecSys.Core.Log;

namespace RecSys.Core.Trends;

/// <summary>
/// Who touched this item, touched which soon before or after: c(i, j) = Σ d^−½ over pairs of one user's items at distance d, whole where j
/// came after i, and .15 of it where j came before. Of each item a bounded number of neighbours is kept, and the sums of all.
/// </summary>
internal sealed class CoVisits(int neighboursMax)
{
    /// <summary>How much a neighbour counts that came before.</summary>
    private const float Backward = .15f;

    private const double Damping = 30;
    private const double RowPower = .25;
    private const double ColumnPower = .1;
    private const int NeighboursMin = 4;

    private static readonly float[] ByDistance =
        [.. Enumerable.Range(1, UserTails.TailMax).Select(distance => 1f / MathF.Sqrt(distance))];

    private Row[] _rows = new Row[64];

    private struct Row
    {
        public int[]? Items;
        public float[] Weights;
        public int Count;
        public double Sum;
        public double ColumnSum;
    }

    /// <summary>Makes room for one more item.</summary>
    public void Extend(int item)
    {
        if (item >= _rows.Length)
        {
            Array.Resize(ref _rows, _rows.Length * 2);
        }
    }

    /// <summary>Counts the pairs of a new item with those before it, newest first.</summary>
    public void Count(int item, ReadOnlySpan<int> tail)
    {
        for (int i = 0; i < tail.Length; i++)
        {
            Add(tail[i], item, ByDistance[i]);
            Add(item, tail[i], Backward * ByDistance[i]);
        }
    }

    /// <summary>Appends the neighbours of an item, in no order, with c / ((r_i + 30)^.25 (r_j + 30)^.1), r being the sum of i's row and of j's column.</summary>
    public void Read(int item, List<(double Score, int Item)> into)
    {
        ref Row row = ref _rows[item];
        double rowFactor = Math.Pow(row.Sum + Damping, -RowPower);
        for (int i = 0; i < row.Count; i++)
        {
            int neighbour = row.Items![i];
            into.Add((row.Weights[i] * rowFactor * Math.Pow(_rows[neighbour].ColumnSum + Damping, -ColumnPower), neighbour));
        }
    }

    /// <summary>Gives the kept items their new numbers, and drops the others everywhere.</summary>
    /// <param name="kept">The old number of each new one.</param>
    /// <param name="numbers">The new number of each old one, or −1.</param>
    public void Compact(ReadOnlySpan<int> kept, ReadOnlySpan<int> numbers)
    {
        Row[] rows = new Row[Math.Max(64, kept.Length)];
        for (int item = 0; item < kept.Length; item++)
        {
            Row row = _rows[kept[item]];
            int count = 0;
            for (int i = 0; i < row.Count; i++)
            {
                int neighbour = numbers[row.Items![i]];
                if (neighbour >= 0)
                {
                    row.Items[count] = neighbour;
                    row.Weights[count++] = row.Weights[i];
                }
            }

            row.Count = count;
            rows[item] = row;
        }

        _rows = rows;
    }

    public void Write(ref ByteWriter writer, int itemCount)
    {
        foreach (ref readonly Row row in _rows.AsSpan(0, itemCount))
        {
            writer.Double(row.Sum);
            writer.Double(row.ColumnSum);
            writer.Count(row.Count);
            for (int i = 0; i < row.Count; i++)
            {
                writer.Count(row.Items![i]);
                writer.Single(row.Weights[i]);
            }
        }
    }

    public void Read(ref ByteReader reader, int itemCount)
    {
        _rows = new Row[Math.Max(64, itemCount)];
        for (int item = 0; item < itemCount && !reader.IsBroken; item++)
        {
            Row row = new() { Sum = reader.Finite(), ColumnSum = reader.Finite(), Weights = [] };
            int count = reader.Count(itemCount);
            for (int i = 0; i < count && !reader.IsBroken; i++)
            {
                Append(ref row, reader.Count(itemCount - 1), reader.Single());
            }

            _rows[item] = row;
        }
    }

    private void Add(int from, int to, float weight)
    {
        ref Row row = ref _rows[from];
        row.Sum += weight;
        _rows[to].ColumnSum += weight;
        int at = row.Items is null ? -1 : row.Items.AsSpan(0, row.Count).IndexOf(to);
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
        if (row.Items is null)
        {
            row.Items = new int[NeighboursMin];
            row.Weights = new float[NeighboursMin];
        }
        else if (row.Count >= neighboursMax)
        {
            // The quarter of least weight goes at once, so that a newcomer has the time to grow, and a sort serves many.
            Array.Sort(row.Weights, row.Items, 0, row.Count);
            int dropped = Math.Max(row.Count - neighboursMax, 0) + (neighboursMax / 4);
            row.Count -= dropped;
            row.Items.AsSpan(dropped, row.Count).CopyTo(row.Items);
            row.Weights.AsSpan(dropped, row.Count).CopyTo(row.Weights);
        }
        else if (row.Count == row.Items.Length)
        {
            int length = Math.Min(row.Count * 2, neighboursMax);
            Array.Resize(ref row.Items, length);
            Array.Resize(ref row.Weights, length);
        }

        row.Items[row.Count] = item;
        row.Weights[row.Count++] = weight;
    }
}

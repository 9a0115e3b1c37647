using System.Numerics;

namespace RecSys.Sqlite.Storage;

/// <summary>Sizes of slots: four steps per doubling, so that at most a fifth of a new slot above <see cref="Min"/> is unused, and a growing state seldom moves.</summary>
internal static class SlotSizes
{
    public const int Min = 256;

    /// <summary>Returns the smallest slot size for <paramref name="length"/> bytes.</summary>
    public static int For(int length)
    {
        if (length <= Min)
        {
            return Min;
        }

        int step = (int)(BitOperations.RoundUpToPowerOf2((uint)length) / 8);
        return (length + step - 1) / step * step;
    }

    /// <summary>Returns whether a state of <paramref name="length"/> bytes stays in a slot of <paramref name="size"/>: it fits, and less than half of the slot is unused or the slot has the smallest size.</summary>
    public static bool Keeps(int size, int length) => length <= size && (size == Min || length > size / 2);
}

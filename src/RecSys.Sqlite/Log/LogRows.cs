using System.Numerics;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Log;

/// <summary>A row of the log without its records.</summary>
/// <param name="First">Offset of its first record; the key.</param>
/// <param name="Count">Number of its records.</param>
/// <param name="AppendedMs">Time of the append, in milliseconds since 1970, UTC; null in files of format version 1.</param>
/// <param name="HasSums">Whether it was written in format version 3 or later, with checksums.</param>
/// <param name="IsSound">Whether its checksum is correct, or differs in one byte at most: then the checksum is damaged, not the row. Without checksums: whether its numbers are possible.</param>
internal readonly record struct LogRow(long First, long Count, long? AppendedMs, bool HasSums, bool IsSound)
{
    /// <summary>Gets the checksum that belongs to these fields; 0 if the row was written without one.</summary>
    public long HeadSum { get; private init; }

    /// <summary>Reads the columns first_offset, count, length(bytes), appended_ms and head_sum.</summary>
    public static LogRow Of(SqliteStatement row)
    {
        long first = row.Integer(0);
        long count = row.Integer(1);
        long? appendedMs = row.IsNull(3) ? null : row.Integer(3);
        bool hasSums = !row.IsNull(4);
        long sum = hasSums ? StoredChunk.HeadSum(first, count, (int)row.Integer(2), appendedMs ?? 0) : 0;
        bool isSound = first >= 0 && count > 0 && first <= long.MaxValue - count
            && (hasSums
                ? IsOneByte(row.Integer(4) ^ sum)
                : count <= StoredChunk.RecordsMax);
        return new LogRow(first, count, appendedMs, hasSums, isSound) { HeadSum = sum };
    }

    // Returns whether all set bits are in one byte. Any other damage of the head changes several bytes of its checksum, except with a probability of 2^−53.
    private static bool IsOneByte(long bits) => bits == 0 || (bits & ~(0xFFL << (BitOperations.TrailingZeroCount(bits) & ~7))) == 0;
}

/// <summary>Finds rows of the log.</summary>
internal static class LogRows
{
    /// <summary>The query for the rows whose first record is at or before an offset, newest first.</summary>
    public const string HeadsUpTo =
        "SELECT first_offset, count, length(bytes), appended_ms, head_sum FROM chunks WHERE first_offset <= ?1 ORDER BY first_offset DESC";

    /// <summary>Returns the newest undamaged row whose first record is at or before an offset; null if there is none.</summary>
    public static LogRow? FirstSound(SqliteStatement headsUpTo, long offset)
    {
        headsUpTo.Bind(1, offset);
        try
        {
            while (headsUpTo.Step())
            {
                if (LogRow.Of(headsUpTo) is { IsSound: true } row)
                {
                    return row;
                }
            }

            return null;
        }
        finally
        {
            headsUpTo.Reset();
        }
    }
}

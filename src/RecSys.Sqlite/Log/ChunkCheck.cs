using RecSys.Core.Log;

namespace RecSys.Sqlite.Log;

/// <summary>Checks records that were read from the file: which are undamaged, and which of these this program can read.</summary>
internal static class ChunkCheck
{
    /// <summary>Checks each record of a chunk.</summary>
    /// <param name="chunk">A chunk as stored in its row.</param>
    /// <param name="damage">Receives the damaged places, adjacent records as one.</param>
    /// <returns>The chunk, with the indices of the records that readers do not get.</returns>
    public static StoredChunk Check(StoredChunk chunk, List<LogDamage> damage)
    {
        int index = 0;
        HashSet<int>? newer = null;
        HashSet<int>? leftOut = null;
        HashSet<int>? corrupt = null;
        foreach ((int at, int length) in chunk.Records())
        {
            if (index == chunk.Count)
            {
                break;
            }

            RecordReadability readability = !chunk.IsSoundAt(at, length) ? RecordReadability.Corrupt
                : chunk.HasSums ? LogRecordCodec.ReadabilityOf(chunk.Bytes.AsSpan(at, length))
                : RecordReadability.Readable;
            if (readability == RecordReadability.NeedsNewerVersion)
            {
                (newer ??= []).Add(index);
            }
            else if (readability != RecordReadability.Readable)
            {
                (leftOut ??= []).Add(index);
                if (readability == RecordReadability.Corrupt)
                {
                    (corrupt ??= []).Add(index);
                }
            }

            index++;
        }

        for (; index < chunk.Count; index++)
        {
            (corrupt ??= []).Add(index); // the length is damaged: the records after it cannot be found
        }

        if (leftOut is null && corrupt is null && newer is null)
        {
            return chunk;
        }

        AddRuns(chunk, corrupt, damage);
        return chunk with { LeftOut = leftOut, Corrupt = corrupt, Newer = newer };
    }

    private static void AddRuns(StoredChunk chunk, HashSet<int>? corrupt, List<LogDamage> damage)
    {
        long from = -1;
        for (int index = 0; corrupt is not null && index <= chunk.Count; index++)
        {
            bool isCorrupt = corrupt.Contains(index);
            if (isCorrupt && from < 0)
            {
                from = chunk.First + index;
            }
            else if (!isCorrupt && from >= 0)
            {
                damage.Add(new LogDamage(0, from, chunk.First + index, LogDamageKind.Corrupt));
                from = -1;
            }
        }
    }
}

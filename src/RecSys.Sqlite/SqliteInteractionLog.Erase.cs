using System.Buffers.Binary;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Sqlite.Log;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite;

public sealed partial class SqliteInteractionLog
{
    private const int RewrittenChunksMax = 64;

    /// <inheritdoc/>
    public string Place => "log";

    /// <inheritdoc/>
    public bool IsShared => true;

    /// <inheritdoc/>
    /// <remarks>
    /// Records are overwritten in place, so that offsets do not change and no copy remains; each transaction covers a few chunks, and appends continue in between.
    /// Records that merged the person into others become links without an id. The record of the erasure is kept. The owner of a damaged record is uncertain, so
    /// the bytes of every damaged record in the range are overwritten too; they are still reported as damaged, and do not count as erased.
    /// </remarks>
    public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upTo);
        long end = upTo.Epoch > Shape.Epoch ? _end.Value : Math.Min(_end.Value, upTo[0] + 1);
        long erased = await Task.Run(() => FindAndOverwriteAsync(owner, end, cancellationToken), cancellationToken).ConfigureAwait(false);

        // Also if no record was found: an interrupted erasure may have left bytes in the write-ahead log.
        await _writer.RunAsync(
            database =>
            {
                database.TruncateWriteAheadLog();
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return erased;
    }

    /// <summary>Overwrites a person's records in the file; the write-ahead log may still contain their bytes.</summary>
    internal async Task<long> FindAndOverwriteAsync(Owner owner, long end, CancellationToken cancellationToken)
    {
        byte[] ownerBytes = new byte[Owner.SizeBytes];
        owner.WriteTo(ownerBytes);
        long erased = 0;
        long from = 0;
        List<Rewrite> found = [];
        while (from < end)
        {
            LogFileRead read = await ReadFileAsync(from, long.MaxValue, cancellationToken).ConfigureAwait(false);
            if (read.Chunks.Count == 0)
            {
                break;
            }

            found.AddRange(read.DamagedRows.Select(row => new Rewrite(row, null, [], [])));
            foreach (StoredChunk chunk in read.Chunks)
            {
                // Most chunks do not contain the person: a search of the raw bytes skips them.
                bool mayContain = chunk.Corrupt is not null || chunk.Bytes.AsSpan().IndexOf(ownerBytes) >= 0;
                if (chunk.First < end && mayContain && Find(chunk, owner, ownerBytes, end) is { IsEmpty: false } rewrite)
                {
                    found.Add(rewrite);
                    erased += rewrite.Records.Count;
                }

                if (found.Count >= RewrittenChunksMax)
                {
                    await OverwriteAsync(found, owner, cancellationToken).ConfigureAwait(false);
                    found.Clear();
                }
            }

            from = read.Chunks[^1].Next;
        }

        await OverwriteAsync(found, owner, cancellationToken).ConfigureAwait(false);
        return erased;
    }

    private async Task OverwriteAsync(List<Rewrite> found, Owner owner, CancellationToken cancellationToken)
    {
        if (found.Count == 0)
        {
            return;
        }

        // The work may continue after the caller cancelled: it has its own list.
        Rewrite[] work = [.. found];
        await _writer.RunAsync(
            database =>
            {
                database.Transact(() =>
                {
                    using SqliteBlob row = database.OpenBlob("chunks", work[0].Row);
                    foreach (Rewrite rewrite in work)
                    {
                        row.MoveTo(rewrite.Row);
                        rewrite.WriteTo(row, owner);
                    }
                });

                // On the writer's thread, where chunks are added to the tail and other erasures write, so that no old chunk is restored.
                foreach (Rewrite rewrite in work)
                {
                    _tail.Erase(rewrite.Row, rewrite.Records, owner);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static Rewrite Find(StoredChunk chunk, Owner owner, ReadOnlySpan<byte> ownerBytes, long end)
    {
        List<(int At, int Length)> found = [];
        List<(int From, int Until, int Frames)> damaged = [];
        int index = 0;
        int next = 0;
        int damagedFrom = 0;
        int frames = 0;
        foreach ((int at, int length) in chunk.Records())
        {
            if (index == chunk.Count || chunk.First + index >= end)
            {
                break;
            }

            if (chunk.Corrupt?.Contains(index) == true)
            {
                damagedFrom = frames == 0 ? next : damagedFrom;
                frames++;
            }
            else
            {
                EndRun(next);
                if (IsOf(chunk.Bytes.AsSpan(at, length), owner, ownerBytes, chunk.Newer?.Contains(index) == true))
                {
                    found.Add((at, length));
                }
            }

            next = at + length;
            index++;
        }

        if (index < chunk.Count && chunk.First + index < end && chunk.Bytes.Length > next)
        {
            // After a damaged length, the records up to the chunk's end cannot be found: none of them has to keep its place.
            damaged.Add((frames == 0 ? next : damagedFrom, chunk.Bytes.Length, 0));
        }
        else
        {
            EndRun(next);
        }

        return new Rewrite(chunk.First, chunk, found, damaged);

        void EndRun(int until)
        {
            if (frames > 0)
            {
                damaged.Add((damagedFrom, until, frames));
                frames = 0;
            }
        }
    }

    private static bool IsOf(ReadOnlySpan<byte> record, Owner owner, ReadOnlySpan<byte> ownerBytes, bool isNewer) =>
        isNewer ? record.IndexOf(ownerBytes) >= 0 // the layout is unknown, but the record contains the owner
        : LogRecordCodec.ReadabilityOf(record) == RecordReadability.MayBeSkipped ? record.IndexOf(ownerBytes) >= 0
        : LogRecordCodec.KindOf(record) switch
        {
            LogRecord.Kind.Erased or LogRecord.Kind.PersonErased or LogRecord.Kind.ItemChanged or LogRecord.Kind.OfferChanged => false,
            LogRecord.Kind.UsersMerged =>
                (LogRecordCodec.TryGetOwner(record, out Owner target) && target == owner)
                || (LogRecordCodec.Decode(record) is LogRecord.UsersMerged merged && merged.FromOwner == owner),
            _ => LogRecordCodec.TryGetOwner(record, out Owner recordOwner) && recordOwner == owner,
        };

    /// <summary>The part of a row to overwrite.</summary>
    /// <param name="Row">Key of the row.</param>
    /// <param name="Chunk">The chunk; null if its head is damaged and all of it is overwritten.</param>
    /// <param name="Records">The person's records.</param>
    /// <param name="Damaged">Runs of damaged records: start and end including their lengths and checksums, and their number; 0: all up to the chunk's end.</param>
    private sealed record Rewrite(
        long Row, StoredChunk? Chunk, List<(int At, int Length)> Records, List<(int From, int Until, int Frames)> Damaged)
    {
        public bool IsEmpty => Chunk is not null && Records.Count == 0 && Damaged.Count == 0;

        public void WriteTo(SqliteBlob row, Owner owner)
        {
            if (Chunk is null)
            {
                row.Clear(0, row.Length);
                return;
            }

            foreach ((int at, int length) in Records)
            {
                byte[] erased = StoredChunk.ErasedFrame(Chunk.Bytes.AsSpan(at, length), owner);
                row.Write(Chunk.HasSums ? erased : erased.AsSpan(sizeof(uint)), at - (Chunk.HasSums ? sizeof(uint) : 0));
            }

            foreach ((int from, int until, int frames) in Damaged)
            {
                // As many records as before, all but the last of length 0, and all with a wrong checksum, so that the records after them keep their place.
                row.Clear(from, until);
                if (frames == 0)
                {
                    continue;
                }

                int last = from + ((frames - 1) * Chunk.FrameBytes);
                byte[] header = new byte[Chunk.FrameBytes];
                BinaryPrimitives.WriteInt32LittleEndian(header, until - last - header.Length);
                if (Chunk.HasSums)
                {
                    BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(sizeof(int)), ~LogChecksum.OfRecord(new byte[until - last - header.Length]));
                }

                row.Write(header, last);
            }
        }
    }
}

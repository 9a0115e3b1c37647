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
    /// <remarks>
    /// Records are overwritten where they stand, so offsets stay and no copy is left; a few chunks a transaction, between which appends go on. Records by
    /// which others were merged with the person go too. That a person was erased stays known.
    /// </remarks>
    public async ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(upTo);
        long end = upTo.Epoch > Shape.Epoch ? _end.Value : Math.Min(_end.Value, upTo[0] + 1);
        long erased = await Task.Run(() => FindAndOverwriteAsync(owner, end, cancellationToken), cancellationToken).ConfigureAwait(false);

        // Even if nothing was found: an erasure that broke off may have left bytes in the write-ahead log.
        await _writer.RunAsync(
            database =>
            {
                database.TruncateWriteAheadLog();
                return true;
            },
            cancellationToken).ConfigureAwait(false);
        return erased;
    }

    /// <summary>Overwrites a person's records in the file; what they were may still stand in its write-ahead log.</summary>
    internal async Task<long> FindAndOverwriteAsync(Owner owner, long end, CancellationToken cancellationToken)
    {
        byte[] ownerBytes = new byte[Owner.SizeBytes];
        owner.WriteTo(ownerBytes);
        long erased = 0;
        long from = 0;
        List<(StoredChunk Chunk, List<(int At, int Length)> Records)> found = [];
        while (from < end)
        {
            List<StoredChunk> chunks = await ReadFileAsync(from, long.MaxValue, cancellationToken).ConfigureAwait(false);
            if (chunks.Count == 0)
            {
                break;
            }

            foreach (StoredChunk chunk in chunks)
            {
                // Most chunks do not name the person at all: a search of raw bytes passes them over.
                if (chunk.First < end && chunk.Bytes.AsSpan().IndexOf(ownerBytes) >= 0 && Find(chunk, owner, end) is { Count: > 0 } records)
                {
                    found.Add((chunk, records));
                    erased += records.Count;
                }

                if (found.Count == RewrittenChunksMax)
                {
                    await OverwriteAsync(found, cancellationToken).ConfigureAwait(false);
                    found.Clear();
                }
            }

            from = chunks[^1].Next;
        }

        await OverwriteAsync(found, cancellationToken).ConfigureAwait(false);
        return erased;
    }

    private async Task OverwriteAsync(List<(StoredChunk Chunk, List<(int At, int Length)> Records)> found, CancellationToken cancellationToken)
    {
        if (found.Count == 0)
        {
            return;
        }

        // The work may outlast a caller who is gone: it has a list of its own.
        (StoredChunk Chunk, List<(int At, int Length)> Records)[] work = [.. found];
        await _writer.RunAsync(
            database =>
            {
                database.Transact(() =>
                {
                    using SqliteBlob row = database.OpenBlob("chunks", work[0].Chunk.First);
                    foreach ((StoredChunk chunk, List<(int At, int Length)> records) in work)
                    {
                        row.MoveTo(chunk.First);
                        foreach ((int at, int length) in records)
                        {
                            row.Write(LogRecordCodec.ErasedRecord, at);
                            row.Clear(at + LogRecordCodec.ErasedRecord.Length, at + length);
                        }
                    }
                });

                // On this thread, where chunks enter the tail and where other erasures write: none is put back as it was.
                foreach ((StoredChunk chunk, List<(int At, int Length)> records) in work)
                {
                    _tail.Erase(chunk.First, records);
                }

                return true;
            },
            cancellationToken).ConfigureAwait(false);
    }

    private static List<(int At, int Length)> Find(StoredChunk chunk, Owner owner, long end)
    {
        List<(int At, int Length)> found = [];
        long offset = chunk.First;
        foreach ((int at, int length) in chunk.Records())
        {
            if (offset++ >= end)
            {
                break;
            }

            if (IsOf(chunk.Bytes.AsSpan(at, length), owner))
            {
                found.Add((at, length));
            }
        }

        return found;
    }

    private static bool IsOf(ReadOnlySpan<byte> record, Owner owner) =>
        LogRecordCodec.KindOf(record) switch
        {
            LogRecord.Kind.Erased or LogRecord.Kind.PersonErased or LogRecord.Kind.ItemChanged => false,
            LogRecord.Kind.UsersMerged =>
                (LogRecordCodec.TryGetOwner(record, out Owner target) && target == owner)
                || (LogRecordCodec.Decode(record) is LogRecord.UsersMerged merged && merged.FromOwner == owner),
            _ => LogRecordCodec.TryGetOwner(record, out Owner recordOwner) && recordOwner == owner,
        };
}

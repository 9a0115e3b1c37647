using System.Globalization;
using RecSys.Core;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Impressions;

/// <summary>Writes the segments: tables of slates and of their owners. The oldest segment is dropped as a whole.</summary>
/// <remarks>
/// Slates are only appended and, when erased, overwritten in place. The row of a slate is never deleted alone, because rebalancing a B-tree leaves stale copies. Rows of owners
/// are deleted: they contain only a keyed hash and the number of a slate.
/// </remarks>
internal sealed class ImpressionSegments(SqliteImpressionOptions options, TimeProvider clock) : IGroupHandler<PendingImpression>
{
    private readonly long _segmentSlatesMax = Math.Max(1, options.SlatesMax / SqliteImpressionLog.SegmentCount);
    private readonly long _segmentSpanMs = (long)(options.AgeMax / SqliteImpressionLog.SegmentCount).TotalMilliseconds;
    private readonly AgeClock _clock = new(clock);
    private readonly List<Segment> _segments = [];
    private SqliteDatabase _database = null!;
    private SqliteStatement? _addSlate;
    private SqliteStatement? _addOwner;

    private SlatePosition _end = new(0, 0, 0);

    /// <summary>Gets the end of the slates that are durable. Safe for concurrent use.</summary>
    public SlatePosition End => Volatile.Read(ref _end);

    /// <summary>The failure of the slates written since the last call of <see cref="ThrowIfFailed"/>, or null.</summary>
    private Exception? _failure;

    public void Opened(SqliteDatabase database)
    {
        _database = database;
        _segments.Clear();
        using (SqliteStatement select = database.Prepare("SELECT id, slates, first_ms, last_ms FROM segments ORDER BY id"))
        {
            while (select.Step())
            {
                _segments.Add(new Segment(select.Integer(0), select.Integer(1), select.Integer(2), select.Integer(3)));
            }
        }

        database.Transact(() => DropOld(_clock.NowMs()));
        Volatile.Write(ref _end, EndOf(database));
        if (_segments.Count > 0)
        {
            PrepareNewest();
        }
    }

    public void Write(ReadOnlySpan<PendingImpression> group)
    {
        long nowMs = _clock.NowMs();
        Span<byte> owner = stackalloc byte[Owner.SizeBytes];
        foreach (PendingImpression slate in group)
        {
            if (_segments.Count == 0 || _segments[^1].Slates >= _segmentSlatesMax || Math.Abs(nowMs - _segments[^1].FirstMs) > _segmentSpanMs)
            {
                Begin(nowMs);
            }

            Segment segment = _segments[^1];
            long id = segment.Slates;
            _addSlate!.Bind(1, id);
            _addSlate.BindBytes(2, slate.Encoded);
            _addSlate.Run();
            if (slate.Owner is { } known)
            {
                known.WriteTo(owner);
                _addOwner!.BindBytes(1, owner);
                _addOwner.Bind(2, id);
                _addOwner.Run();
            }

            _segments[^1] = segment with { Slates = id + 1, LastMs = nowMs };
        }

        SaveNewest();
        DropOld(nowMs);
    }

    public void Committed(ReadOnlySpan<PendingImpression> group)
    {
        if (_segments is [.., var newest])
        {
            Volatile.Write(ref _end, new SlatePosition(newest.Id, newest.FirstMs, newest.Slates));
        }
    }

    public void Failed(ReadOnlySpan<PendingImpression> group, Exception reason) => _failure = reason;

    public void Closing() => CloseStatements();

    /// <summary>Throws the failure of the slates written since the last call, if any.</summary>
    public void ThrowIfFailed()
    {
        if (_failure is { } failure)
        {
            _failure = null;
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }
    }

    /// <summary>Overwrites a person's slates, one segment per transaction.</summary>
    public long Erase(Owner owner)
    {
        byte[] ownerBytes = new byte[Owner.SizeBytes];
        owner.WriteTo(ownerBytes);
        long erased = 0;
        foreach (Segment segment in _segments)
        {
            _database.Transact(() => erased += Erase(segment.Id, ownerBytes));
        }

        return erased;
    }

    private long Erase(long segment, byte[] owner)
    {
        List<long> slates = [];
        using (SqliteStatement select = _database.Prepare($"SELECT slate FROM {OwnersTable(segment)} WHERE owner = ?1"))
        {
            select.BindBytes(1, owner);
            while (select.Step())
            {
                slates.Add(select.Integer(0));
            }
        }

        if (slates.Count == 0)
        {
            return 0;
        }

        using (SqliteBlob blob = _database.OpenBlob(SlatesTable(segment), slates[0]))
        {
            foreach (long slate in slates)
            {
                blob.MoveTo(slate);
                blob.Clear(0, blob.Length);
            }
        }

        using SqliteStatement delete = _database.Prepare($"DELETE FROM {OwnersTable(segment)} WHERE owner = ?1");
        delete.BindBytes(1, owner);
        delete.Run();
        return slates.Count;
    }

    /// <summary>Reads the end of a file's slates.</summary>
    public static SlatePosition EndOf(SqliteDatabase database)
    {
        using SqliteStatement newest = database.Prepare("SELECT id, first_ms, slates FROM segments ORDER BY id DESC LIMIT 1");
        return newest.Step()
            ? new SlatePosition(newest.Integer(0), newest.Integer(1), newest.Integer(2))
            : new SlatePosition(NextIdIn(database), 0, 0);
    }

    public static string SlatesTable(long segment) => string.Create(CultureInfo.InvariantCulture, $"slates_{segment}");

    public static string OwnersTable(long segment) => string.Create(CultureInfo.InvariantCulture, $"owners_{segment}");

    private void Begin(long nowMs)
    {
        if (_segments.Count > 0)
        {
            SaveNewest();
        }

        long id = _segments.Count == 0 ? NextIdIn(_database) : _segments[^1].Id + 1;
        _database.Run($"CREATE TABLE {SlatesTable(id)}(id INTEGER PRIMARY KEY, bytes BLOB NOT NULL)");
        _database.Run($"CREATE TABLE {OwnersTable(id)}(owner BLOB NOT NULL, slate INTEGER NOT NULL, PRIMARY KEY(owner, slate)) WITHOUT ROWID");
        _segments.Add(new Segment(id, 0, nowMs, nowMs));
        PrepareNewest();
    }

    // A table name is never reused for another segment: a reader's position would refer to another slate.
    private static long NextIdIn(SqliteDatabase database)
    {
        byte[]? dropped = SqliteFormat.TryGetMeta(database, "dropped"u8);
        return dropped is null ? 0 : BitConverter.ToInt64(dropped) + 1;
    }

    private void SaveNewest()
    {
        Segment newest = _segments[^1];
        using SqliteStatement save = _database.Prepare("INSERT OR REPLACE INTO segments(id, slates, first_ms, last_ms) VALUES(?1, ?2, ?3, ?4)");
        save.Bind(1, newest.Id);
        save.Bind(2, newest.Slates);
        save.Bind(3, newest.FirstMs);
        save.Bind(4, newest.LastMs);
        save.Run();
    }

    private void DropOld(long nowMs)
    {
        long slates = _segments.Sum(segment => segment.Slates);
        long oldestMs = nowMs - (long)options.AgeMax.TotalMilliseconds;

        // The first segment was written before all others, so it is at least as old as each of them, even if a wrong clock gave it a later time.
        while (_segments.Count > 0 && (slates > options.SlatesMax || _segments.Min(segment => segment.LastMs) < oldestMs))
        {
            Segment oldest = _segments[0];
            if (_segments.Count == 1)
            {
                CloseStatements();
            }

            _database.Run($"DROP TABLE {SlatesTable(oldest.Id)}");
            _database.Run($"DROP TABLE {OwnersTable(oldest.Id)}");
            _database.Run(string.Create(CultureInfo.InvariantCulture, $"DELETE FROM segments WHERE id = {oldest.Id}"));
            SqliteFormat.ReplaceMeta(_database, "dropped"u8, BitConverter.GetBytes(oldest.Id));
            _segments.RemoveAt(0);
            slates -= oldest.Slates;
        }
    }

    private void PrepareNewest()
    {
        CloseStatements();
        _addSlate = _database.Prepare($"INSERT INTO {SlatesTable(_segments[^1].Id)}(id, bytes) VALUES(?1, ?2)");
        _addOwner = _database.Prepare($"INSERT INTO {OwnersTable(_segments[^1].Id)}(owner, slate) VALUES(?1, ?2)");
    }

    private void CloseStatements()
    {
        _addSlate?.Dispose();
        _addOwner?.Dispose();
        _addSlate = null;
        _addOwner = null;
    }

    private readonly record struct Segment(long Id, long Slates, long FirstMs, long LastMs);
}

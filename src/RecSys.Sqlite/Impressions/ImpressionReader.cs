using System.Text;
using RecSys.Core;
using RecSys.Core.Slates;
using RecSys.Sqlite.Storage;

namespace RecSys.Sqlite.Impressions;

/// <summary>A connection that reads slates.</summary>
internal sealed class ImpressionReader(SqliteFile file) : IDisposable
{
    private const int PageRows = 512;

    private readonly SqliteDatabase _database = file.OpenReader();

    /// <summary>Reads the next slates after a position, of one person or of all; advances the position, and returns whether more may follow.</summary>
    public bool Read(Owner? owner, ref Place place, List<SlateImpression> into)
    {
        _database.Run("BEGIN");
        try
        {
            if (SegmentFrom(place.Segment) is not { } segment)
            {
                return false;
            }

            if (segment != place.Segment)
            {
                place = new Place(segment, -1);
            }

            place = ReadSegment(owner, place, into) ?? new Place(segment + 1, -1);
            return true;
        }
        finally
        {
            _database.Run("COMMIT");
        }
    }

    /// <summary>Finds a slate among the newest slates of a person; returns null if it is not among them.</summary>
    public SlateImpression? Find(Owner owner, string recommendationId, int slatesMax)
    {
        byte[] id = Encoding.UTF8.GetBytes(recommendationId);
        Span<byte> ownerBytes = stackalloc byte[Owner.SizeBytes];
        owner.WriteTo(ownerBytes);
        _database.Run("BEGIN");
        try
        {
            foreach (long segment in Segments())
            {
                using SqliteStatement select = _database.Prepare(
                    $"SELECT bytes FROM {ImpressionSegments.OwnersTable(segment)} JOIN {ImpressionSegments.SlatesTable(segment)} ON id = slate WHERE owner = ?1 ORDER BY slate DESC LIMIT ?2");
                select.BindBytes(1, ownerBytes);
                select.Bind(2, slatesMax);
                for (; select.Step(); slatesMax--)
                {
                    if (ImpressionCodec.IsOf(select.Bytes(0), id))
                    {
                        return ImpressionCodec.Decode(select.Bytes(0));
                    }
                }
            }

            return null;
        }
        finally
        {
            _database.Run("COMMIT");
        }
    }

    public void Dispose() => _database.Dispose();

    private List<long> Segments()
    {
        using SqliteStatement select = _database.Prepare("SELECT id FROM segments ORDER BY id DESC");
        List<long> segments = [];
        while (select.Step())
        {
            segments.Add(select.Integer(0));
        }

        return segments;
    }

    private long? SegmentFrom(long id)
    {
        using SqliteStatement select = _database.Prepare("SELECT min(id), count(*) FROM segments WHERE id >= ?1");
        select.Bind(1, id);
        select.Step();
        return select.Integer(1) == 0 ? null : select.Integer(0);
    }

    private Place? ReadSegment(Owner? owner, Place place, List<SlateImpression> into)
    {
        string slates = ImpressionSegments.SlatesTable(place.Segment);
        using SqliteStatement select = _database.Prepare(
            owner is null
                ? $"SELECT id, bytes FROM {slates} WHERE id > ?1 ORDER BY id LIMIT ?2"
                : $"SELECT id, bytes FROM {ImpressionSegments.OwnersTable(place.Segment)} JOIN {slates} ON id = slate WHERE owner = ?3 AND slate > ?1 ORDER BY slate LIMIT ?2");
        select.Bind(1, place.Slate);
        select.Bind(2, PageRows);
        if (owner is { } known)
        {
            Span<byte> bytes = stackalloc byte[Owner.SizeBytes];
            known.WriteTo(bytes);
            select.BindBytes(3, bytes);
        }

        int rows = 0;
        for (; select.Step(); rows++)
        {
            place = place with { Slate = select.Integer(0) };
            if (ImpressionCodec.Decode(select.Bytes(1)) is { } slate)
            {
                into.Add(slate);
            }
        }

        return rows == PageRows ? place : null;
    }

    /// <summary>A position between slates: a segment, and the number in it of the last slate that was read; −1 before the first one.</summary>
    public readonly record struct Place(long Segment, long Slate);
}

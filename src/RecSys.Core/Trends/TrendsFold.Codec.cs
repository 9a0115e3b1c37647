using System.Buffers;
using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Trends;

public sealed partial class TrendsFold
{
    private const byte Version = 7;
    private const byte VersionWithoutFirst = 6;
    private const byte VersionWithoutPurchases = 5;
    private const byte VersionWithoutTimes = 4;
    private const byte VersionWithoutReturns = 3;
    private const byte VersionWithoutPeople = 2;

    /// <summary>Returns the bytes to save: version, position, items with their weights, co-visits, users' tails and interactions, purchases, the times of first interactions, and a checksum.</summary>
    public ReadOnlySequence<byte> Encode()
    {
        SequenceBuffer bytes = new();
        Encode(bytes);
        return Checksummed.Seal(bytes);
    }

    /// <summary>Writes the saved bytes without their checksum. Blocks the writer, but no readers.</summary>
    internal void Encode(IBufferWriter<byte> bytes)
    {
        ByteWriter writer = new(bytes);
        lock (_writing)
        {
            writer.Byte(Version);
            LogPositionCodec.Write(ref writer, _position.ToLogPosition());
            _clock.Write(ref writer);
            writer.Count(_categoryNumbers.Count);
            foreach (string category in _categoryNumbers.OrderBy(pair => pair.Value).Select(pair => pair.Key))
            {
                writer.Text(category, Limits.TextBytesMax, "a category");
            }

            writer.Count(_items.Count);
            for (int item = 0; item < _items.Count; item++)
            {
                writer.Text(_items[item].Value, Limits.IdBytesMax, "the item's id");
                writer.Count(_categories[item].Length);
                foreach (int category in _categories[item])
                {
                    writer.Count(category);
                }

                writer.Count(_generations[item]);
            }

            _weights.Write(ref writer, _items.Count);
            _users.Write(ref writer, _items.Count);
            _coVisits.Write(ref writer, _items.Count);
            _tails.Write(ref writer);
            _purchases.WriteUsed(ref writer);
            _categoryPurchases.WriteUsed(ref writer);
            foreach (long firstMs in _firstMs.AsSpan(0, _items.Count))
            {
                writer.Int64(firstMs);
            }
        }

        writer.Flush();
    }

    /// <summary>Restores a fold from saved bytes; the options may differ from those of the save.</summary>
    /// <exception cref="CorruptRecordException">The bytes are not saved trends.</exception>
    public static TrendsFold Decode(ReadOnlySequence<byte> bytes, TrendsOptions? options = null)
    {
        ByteReader reader = new(Checksummed.Open(bytes, "trends"));
        int version = reader.Byte();
        if (version is not (1 or VersionWithoutPeople or VersionWithoutReturns or VersionWithoutTimes or VersionWithoutPurchases or VersionWithoutFirst or Version))
        {
            reader.Break();
        }

        TrendsFold fold = new(options);
        fold._position.Reset(LogPositionCodec.Read(ref reader));
        fold._clock.Read(ref reader, version);
        int categoryCount = reader.Count(int.MaxValue);
        for (int i = 0; i < categoryCount && !reader.IsBroken; i++)
        {
            fold._categoryNumbers.Add(reader.String(Limits.TextBytesMax), i);
            fold._categoryLists.Add(new TrendList());
        }

        int itemCount = reader.Count(int.MaxValue);
        for (int i = 0; i < itemCount && !reader.IsBroken; i++)
        {
            ReadOnlySpan<byte> utf8 = reader.Id();
            int item = fold.Add(ItemId.FromChecked(Encoding.UTF8.GetString(utf8)), utf8);
            int[] categories = new int[reader.Count(Limits.CategoriesMax)];
            foreach (ref int category in categories.AsSpan())
            {
                category = reader.Count(categoryCount - 1);
            }

            fold._categories[item] = categories;
            fold._generations[item] = version <= VersionWithoutPeople ? (ushort)0 : (ushort)reader.Count(ushort.MaxValue);
        }

        if (!reader.IsBroken)
        {
            if (version == 1)
            {
                fold._weights.ReadVersion1(ref reader, itemCount);
            }
            else if (version == VersionWithoutPeople)
            {
                fold._weights.ReadVersion2(ref reader, itemCount);
            }
            else
            {
                fold._weights.Read(ref reader, itemCount);
            }

            fold._users.Read(ref reader, itemCount);
            fold._coVisits.Read(ref reader, itemCount, hasReturns: version > VersionWithoutReturns);
            fold._tails.Read(ref reader, itemCount, hasActs: version > VersionWithoutPeople, hasReturns: version > VersionWithoutReturns, hasTimes: version > VersionWithoutTimes);
            if (version > VersionWithoutPurchases)
            {
                fold._purchases.ReadUsed(ref reader, itemCount);
                fold._categoryPurchases.ReadUsed(ref reader, categoryCount);
            }

            for (int item = 0; item < itemCount && version > VersionWithoutFirst; item++)
            {
                fold._firstMs[item] = reader.Int64();
            }

            for (int item = 0; item < itemCount && version <= VersionWithoutPeople && !reader.IsBroken; item++)
            {
                fold._weights.RaisePeople(item, fold._users.IsPublic(item) ? fold._options.UsersMin : 0);
            }
        }

        reader.RequireDone("trends");
        fold.FillLists();
        while (fold._items.Count > fold._options.ItemsMax)
        {
            fold.Compact();
        }

        return fold;
    }
}

using System.IO.Hashing;
using System.Runtime.InteropServices;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Finds rows of a file that repeat an id, with the same or with other content.</summary>
/// <remarks>Hashes of 64 bits are compared: among two million ids, the probability of a collision is about one in ten million.</remarks>
internal sealed class Repeats
{
    /// <summary>The largest number of ids that are remembered; later ones are compared with these only.</summary>
    public const int IdsMax = 2_000_000;

    private readonly Dictionary<ulong, ulong> _contentOf = [];
    private readonly XxHash3 _hash = new();

    /// <summary>The relation of a row to earlier ones.</summary>
    public enum Kind
    {
        /// <summary>Its id is new, or it has none.</summary>
        New,

        /// <summary>A row before it has its id and its content.</summary>
        Same,

        /// <summary>A row before it has its id and other content.</summary>
        Conflict,
    }

    /// <summary>Compares a row with those before it.</summary>
    public Kind Add(object body)
    {
        if (body is not InteractionBody { Id: { } id } row)
        {
            return Kind.New;
        }

        Text(row.UserId);
        Text(id);
        ulong key = Hash();
        Text(row.ItemId);
        Text(row.Type);
        Number(row.Timestamp?.UtcTicks ?? -1);
        Number(row.Value is { } value ? BitConverter.DoubleToInt64Bits(value) : -1);
        ulong content = Hash();
        if (_contentOf.TryGetValue(key, out ulong known))
        {
            return known == content ? Kind.Same : Kind.Conflict;
        }

        if (_contentOf.Count < IdsMax)
        {
            _contentOf[key] = content;
        }

        return Kind.New;
    }

    private void Text(string text)
    {
        _hash.Append(MemoryMarshal.AsBytes(text.AsSpan()));
        _hash.Append([0, 0]);
    }

    private void Number(long number) => _hash.Append(MemoryMarshal.AsBytes(new ReadOnlySpan<long>(in number)));

    private ulong Hash()
    {
        ulong hash = _hash.GetCurrentHashAsUInt64();
        _hash.Reset();
        return hash;
    }
}

using System.Buffers.Binary;
using System.Buffers.Text;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.IO.Hashing;

namespace RecSys.Core.Slates;

/// <summary>A position in a series of pages: the hashes of all items shown so far. The caller keeps it; the server stores nothing.</summary>
/// <remarks>
/// <para>
/// The text is base64url of: the version (1 byte, 1), the number of hashes (2 bytes), the hashes (4 bytes each, ascending) and a
/// checksum of these (4 bytes); little-endian. It contains no personal data, so no erasure concerns it, and it is at most
/// <see cref="TextLengthMax"/> characters long, which fits a request line. The checksum detects damage. The cursor needs no signature:
/// a forged cursor only hides items from the caller that forged it.
/// </para>
/// <para>
/// With 32 bits and 1,000 items shown, one candidate in four million has the hash of a shown item and is left out; no item is shown twice.
/// </para>
/// </remarks>
public sealed class SlateCursor
{
    /// <summary>The largest number of items of all pages together; the page that reaches it is the last.</summary>
    public const int ShownMax = 1_000;

    private const byte Version = 1;
    private const int HeadBytes = 3;
    private const int CheckBytes = 4;

    /// <summary>The longest text of a cursor, in characters.</summary>
    public const int TextLengthMax = (HeadBytes + (4 * ShownMax) + CheckBytes + 2) / 3 * 4;

    // invariant: 1 <= _hashes.Length <= ShownMax, _hashes[i - 1] < _hashes[i]
    private readonly uint[] _hashes;

    private SlateCursor(uint[] hashes)
    {
        Debug.Assert(hashes.Length is > 0 and <= ShownMax, "a cursor has too few or too many hashes");
        _hashes = hashes;
    }

    /// <summary>Gets the hashes of the items shown so far, ascending and distinct: <see cref="ItemHash.HighBits"/>.</summary>
    public ReadOnlySpan<uint> Shown => _hashes;

    /// <summary>Reads a cursor's text.</summary>
    /// <returns>False if the text is damaged, too long, or of an unknown version.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SlateCursor? cursor)
    {
        cursor = null;
        if (text is not { Length: > 0 and <= TextLengthMax } || !Base64Url.IsValid(text))
        {
            return false;
        }

        byte[] bytes = Base64Url.DecodeFromChars(text);
        if (bytes.Length < HeadBytes + CheckBytes || bytes[0] != Version)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(1));
        int checkedBytes = HeadBytes + (4 * count);
        if (count is 0 or > ShownMax || bytes.Length != checkedBytes + CheckBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(checkedBytes)) != XxHash32.HashToUInt32(bytes.AsSpan(0, checkedBytes)))
        {
            return false;
        }

        uint[] hashes = new uint[count];
        for (int i = 0; i < count; i++)
        {
            hashes[i] = BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(HeadBytes + (4 * i)));
            if (i > 0 && hashes[i] <= hashes[i - 1])
            {
                return false;
            }
        }

        cursor = new SlateCursor(hashes);
        return true;
    }

    /// <summary>Returns the text of the cursor for the page after a page.</summary>
    /// <param name="before">The cursor of the page, or null for the first page.</param>
    /// <param name="shown">Hashes of the page's items (<see cref="ItemHash.Of(ItemId)"/>).</param>
    /// <returns>Null if the page is empty or the limit is reached: no page follows.</returns>
    public static string? After(SlateCursor? before, ReadOnlySpan<ulong> shown)
    {
        int countBefore = before?._hashes.Length ?? 0;
        if (shown.IsEmpty || countBefore + shown.Length >= ShownMax)
        {
            return null;
        }

        uint[] hashes = new uint[countBefore + shown.Length];
        before?._hashes.CopyTo(hashes, 0);
        for (int i = 0; i < shown.Length; i++)
        {
            hashes[countBefore + i] = ItemHash.HighBits(shown[i]);
        }

        Array.Sort(hashes);
        int count = 0;
        foreach (uint hash in hashes)
        {
            if (count == 0 || hashes[count - 1] != hash)
            {
                hashes[count++] = hash;
            }
        }

        byte[] bytes = new byte[HeadBytes + (4 * count) + CheckBytes];
        bytes[0] = Version;
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(1), (ushort)count);
        for (int i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(HeadBytes + (4 * i)), hashes[i]);
        }

        int checkedBytes = bytes.Length - CheckBytes;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(checkedBytes), XxHash32.HashToUInt32(bytes.AsSpan(0, checkedBytes)));
        return Base64Url.EncodeToString(bytes);
    }
}

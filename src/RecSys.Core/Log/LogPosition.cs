using System.Buffers.Text;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace RecSys.Core.Log;

/// <summary>A position in the log: an epoch and, per partition, the offset of the newest record it covers. Callers treat its text as opaque.</summary>
/// <remarks>A snapshot's watermark is a position too. −1 covers no record of a partition.</remarks>
public sealed class LogPosition : IEquatable<LogPosition>
{
    /// <summary>The largest number of partitions of a log.</summary>
    public const int PartitionsMax = 1_024;

    /// <summary>A position that covers no record.</summary>
    public static readonly LogPosition Start = new(0, []);

    /// <summary>The largest number of digits of an offset.</summary>
    private const int DigitsMax = 19;

    private const int StackBytesMax = 512;

    private readonly ImmutableArray<long> _offsets;

    /// <summary>Creates a position from an epoch and one offset per partition.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The epoch is negative, an offset below −1, or there are too many partitions.</exception>
    public LogPosition(int epoch, ImmutableArray<long> offsets)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offsets.Length, PartitionsMax);
        foreach (long offset in offsets)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(offset, -1);
        }

        Epoch = epoch;
        _offsets = offsets;
    }

    /// <summary>Gets the number of changes of the partition count; compared before the offsets.</summary>
    public int Epoch { get; }

    /// <summary>Gets the number of partitions.</summary>
    public int PartitionCount => _offsets.Length;

    /// <summary>Gets the newest covered offset of a partition; −1 for one beyond <see cref="PartitionCount"/>.</summary>
    public long this[int partition] => partition < _offsets.Length ? _offsets[partition] : -1;

    /// <summary>Returns a position that covers one partition up to an offset.</summary>
    public static LogPosition Of(RecordPosition record)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(record.Partition, PartitionsMax);
        long[] offsets = new long[record.Partition + 1];
        Array.Fill(offsets, -1);
        offsets[record.Partition] = record.Offset;
        return new LogPosition(record.Epoch, [.. offsets]);
    }

    /// <summary>Returns whether a record is at or before this position.</summary>
    public bool Covers(RecordPosition record) =>
        record.Epoch < Epoch || (record.Epoch == Epoch && record.Offset <= this[record.Partition]);

    /// <summary>Returns whether this position covers records that a log does not contain: the log was replaced by an older one, or lost its newest records.</summary>
    /// <param name="shape">Epoch and partitions of the log.</param>
    /// <param name="ranges">Offsets that each partition of the log contains.</param>
    public bool IsBeyond(LogShape shape, IReadOnlyList<LogRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(ranges);
        if (Epoch != shape.Epoch)
        {
            return Epoch > shape.Epoch;
        }

        for (int partition = 0; partition < PartitionCount; partition++)
        {
            if (this[partition] >= (partition < ranges.Count ? ranges[partition].End : 0))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Returns whether this position covers all records that <paramref name="other"/> covers.</summary>
    public bool Covers(LogPosition other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Epoch != Epoch)
        {
            return other.Epoch < Epoch;
        }

        for (int partition = 0; partition < other.PartitionCount; partition++)
        {
            if (other[partition] > this[partition])
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Returns the position that covers the records of both.</summary>
    public LogPosition Max(LogPosition other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Epoch != Epoch)
        {
            return other.Epoch > Epoch ? other : this;
        }

        long[] offsets = new long[Math.Max(PartitionCount, other.PartitionCount)];
        for (int partition = 0; partition < offsets.Length; partition++)
        {
            offsets[partition] = Math.Max(this[partition], other[partition]);
        }

        return new LogPosition(Epoch, [.. offsets]);
    }

    /// <summary>Parses the output of <see cref="ToString"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out LogPosition? position)
    {
        position = null;
        if (text is not { Length: > 0 and <= 32_768 } || !Base64Url.IsValid(text))
        {
            return false;
        }

        string[] parts = Encoding.ASCII.GetString(Base64Url.DecodeFromChars(text)).Split('.');
        if (parts.Length < 2 || parts.Length - 2 > PartitionsMax || parts[0] != "1" || !TryNumber(parts[1], out long epoch) || epoch > int.MaxValue)
        {
            return false;
        }

        long[] offsets = new long[parts.Length - 2];
        for (int partition = 0; partition < offsets.Length; partition++)
        {
            if (parts[partition + 2].Length == 0)
            {
                offsets[partition] = -1;
            }
            else if (!TryNumber(parts[partition + 2], out offsets[partition]))
            {
                return false;
            }
        }

        position = new LogPosition((int)epoch, [.. offsets]);
        return true;
    }

    /// <summary>Returns the position as text: URL-safe, versioned, and opaque to callers.</summary>
    public override string ToString()
    {
        int bytesMax = 2 + DigitsMax + (_offsets.Length * (1 + DigitsMax));
        Span<byte> bytes = bytesMax <= StackBytesMax ? stackalloc byte[bytesMax] : new byte[bytesMax];
        "1."u8.CopyTo(bytes);
        int end = 2;
        Utf8Formatter.TryFormat(Epoch, bytes[end..], out int written);
        end += written;
        foreach (long offset in _offsets)
        {
            bytes[end++] = (byte)'.';
            if (offset >= 0)
            {
                Utf8Formatter.TryFormat(offset, bytes[end..], out written);
                end += written;
            }
        }

        return Base64Url.EncodeToString(bytes[..end]);
    }

    /// <inheritdoc/>
    public bool Equals(LogPosition? other) =>
        other is not null && Epoch == other.Epoch && _offsets.AsSpan().SequenceEqual(other._offsets.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as LogPosition);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(Epoch);
        foreach (long offset in _offsets)
        {
            hash.Add(offset);
        }

        return hash.ToHashCode();
    }

    private static bool TryNumber(string text, out long number) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && !text.Contains('\0', StringComparison.Ordinal); // .NET ignores a trailing U+0000
}

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using RecSys.Core;

namespace RecSys.Server.Endpoints;

/// <summary>The receipt of an erasure: the owner, and the offset of the record in the log's first partition. It does not contain the user's id.</summary>
internal readonly record struct ErasureReceipt(Owner Owner, int Epoch, long Offset)
{
    /// <summary>Parses the text of <see cref="ToString"/>.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out ErasureReceipt receipt)
    {
        receipt = default;
        string[] parts = text?.Split('.') ?? [];

        // The parsers of numbers ignore null characters at the end.
        if (parts.Length != 3 || text!.Contains('\0', StringComparison.Ordinal) || !Owner.TryParse(parts[0], out Owner owner)
            || !int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int epoch)
            || !long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out long offset))
        {
            return false;
        }

        receipt = new ErasureReceipt(owner, epoch, offset);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Owner}.{Epoch}.{Offset}");
}

using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core;

/// <summary>Identifies an installation, so that files of other installations are detected: 32 lower-case hexadecimal digits, derived from the installation's key by <see cref="OwnerHash"/>.</summary>
public readonly record struct InstallationId
{
    /// <summary>The number of characters of an id.</summary>
    public const int Length = 32;

    private InstallationId(string value) => Value = value;

    /// <summary>Gets the id's text; null in the default value.</summary>
    public string Value { get; }

    /// <summary>Reads an id's text.</summary>
    /// <returns>False if it is not an id.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out InstallationId id)
    {
        bool isId = text is { Length: Length } && text.All(character => character is (>= '0' and <= '9') or (>= 'a' and <= 'f'));
        id = isId ? new InstallationId(text!) : default;
        return isId;
    }

    /// <summary>Returns the id of 16 bytes.</summary>
    internal static InstallationId Of(ReadOnlySpan<byte> bytes) => new(Convert.ToHexStringLower(bytes));

    /// <summary>Returns the text.</summary>
    public override string ToString() => Value;
}

using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core.Models;

/// <summary>The name of a published model, such as <c>20261124-143201-1</c>: later names sort after earlier ones.</summary>
/// <remarks>1 to <see cref="LengthMax"/> characters of a-z, 0-9, '-' and '.', the first a letter or digit: a safe file name.</remarks>
public readonly record struct ModelVersion : IComparable<ModelVersion>
{
    /// <summary>The largest number of characters.</summary>
    public const int LengthMax = 64;

    /// <summary>Creates a version, and checks it.</summary>
    /// <exception cref="ArgumentException">The text does not follow the rule for versions.</exception>
    public ModelVersion(string value)
    {
        if (!IsValid(value))
        {
            throw new ArgumentException($"'{value}' is not a model version", nameof(value));
        }

        Value = value;
    }

    /// <summary>Gets the text.</summary>
    public string Value { get; }

    /// <summary>Creates a version if <paramref name="text"/> is one.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? text, out ModelVersion version)
    {
        bool isValid = IsValid(text);
        version = isValid ? new ModelVersion(text!) : default;
        return isValid;
    }

    /// <inheritdoc/>
    public int CompareTo(ModelVersion other) => string.CompareOrdinal(Value, other.Value);

    /// <inheritdoc/>
    public override string ToString() => Value;

    /// <summary>Compares by characters.</summary>
    public static bool operator <(ModelVersion left, ModelVersion right) => left.CompareTo(right) < 0;

    /// <summary>Compares by characters.</summary>
    public static bool operator >(ModelVersion left, ModelVersion right) => left.CompareTo(right) > 0;

    /// <summary>Compares by characters.</summary>
    public static bool operator <=(ModelVersion left, ModelVersion right) => left.CompareTo(right) <= 0;

    /// <summary>Compares by characters.</summary>
    public static bool operator >=(ModelVersion left, ModelVersion right) => left.CompareTo(right) >= 0;

    private static bool IsValid([NotNullWhen(true)] string? text)
    {
        if (text is not { Length: > 0 and <= LengthMax } || !char.IsAsciiLetterOrDigit(text[0]))
        {
            return false;
        }

        foreach (char c in text)
        {
            if (!char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('-' or '.'))
            {
                return false;
            }
        }

        return true;
    }
}

using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core;

/// <summary>The caller's id of an item: opaque, 1 to <see cref="Limits.IdBytesMax"/> bytes of UTF-8.</summary>
public readonly record struct ItemId
{
    /// <summary>Creates an id, and checks it.</summary>
    /// <exception cref="ArgumentException"><paramref name="value"/> breaks the rule of <see cref="IdText"/>.</exception>
    public ItemId(string value) => Value = IdText.Require(value, nameof(value));

    private ItemId(string value, bool isChecked)
    {
        _ = isChecked;
        Value = value;
    }

    /// <summary>Gets the caller's text.</summary>
    public string Value { get; }

    /// <summary>Creates an id if <paramref name="text"/> is one.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? text, out ItemId id)
    {
        bool isValid = IdText.IsValid(text);
        id = isValid ? new ItemId(text!, isChecked: true) : default;
        return isValid;
    }

    /// <summary>Creates an id if an earlier version may have stored <paramref name="text"/> as one: it may contain U+0000, which no path can contain.</summary>
    public static bool TryCreateStored([NotNullWhen(true)] string? text, out ItemId id)
    {
        bool isValid = IdText.StoredProblem(text) is null;
        id = isValid ? new ItemId(text!, isChecked: true) : default;
        return isValid;
    }

    /// <summary>Creates an id from text that was checked before.</summary>
    internal static ItemId FromChecked(string value) => new(value, isChecked: true);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

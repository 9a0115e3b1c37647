using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core;

/// <summary>An item's name, as the caller gives it: opaque, 1 to <see cref="Limits.IdBytesMax"/> bytes of UTF-8.</summary>
public readonly record struct ItemId
{
    /// <summary>Takes a checked id.</summary>
    /// <exception cref="ArgumentException"><paramref name="value"/> breaks the rule of <see cref="IdText"/>.</exception>
    public ItemId(string value) => Value = IdText.Require(value, nameof(value));

    private ItemId(string value, bool isChecked)
    {
        _ = isChecked;
        Value = value;
    }

    /// <summary>The caller's text.</summary>
    public string Value { get; }

    /// <summary>Takes <paramref name="text"/> if it is an id.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? text, out ItemId id)
    {
        bool isValid = IdText.IsValid(text);
        id = isValid ? new ItemId(text!, isChecked: true) : default;
        return isValid;
    }

    /// <summary>Takes text that was checked before it was stored.</summary>
    internal static ItemId FromChecked(string value) => new(value, isChecked: true);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

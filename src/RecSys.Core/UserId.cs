using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core;

/// <summary>A user's name, as the caller gives it: opaque, 1 to <see cref="Limits.IdBytesMax"/> bytes of UTF-8.</summary>
public readonly record struct UserId
{
    /// <summary>Takes a checked id.</summary>
    /// <exception cref="ArgumentException"><paramref name="value"/> breaks the rule of <see cref="IdText"/>.</exception>
    public UserId(string value) => Value = IdText.Require(value, nameof(value));

    private UserId(string value, bool isChecked)
    {
        _ = isChecked;
        Value = value;
    }

    /// <summary>The caller's text.</summary>
    public string Value { get; }

    /// <summary>Takes <paramref name="text"/> if it is an id.</summary>
    public static bool TryCreate([NotNullWhen(true)] string? text, out UserId id)
    {
        bool isValid = IdText.IsValid(text);
        id = isValid ? new UserId(text!, isChecked: true) : default;
        return isValid;
    }

    /// <summary>Takes <paramref name="text"/> if an earlier version may have stored it as an id: it may contain U+0000, which no path can carry.</summary>
    public static bool TryCreateStored([NotNullWhen(true)] string? text, out UserId id)
    {
        bool isValid = IdText.StoredProblem(text) is null;
        id = isValid ? new UserId(text!, isChecked: true) : default;
        return isValid;
    }

    /// <summary>Takes text that was checked before it was stored.</summary>
    internal static UserId FromChecked(string value) => new(value, isChecked: true);

    /// <inheritdoc/>
    public override string ToString() => Value;
}

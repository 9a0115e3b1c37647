using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>Content of an item. All of it is optional.</summary>
public sealed record ItemContent
{
    /// <summary>The content of an item of which only the id is known.</summary>
    public static readonly ItemContent Empty = new();

    /// <summary>Gets the title.</summary>
    public string? Title { get; init; }

    /// <summary>Gets the categories, most important first; at most <see cref="Limits.CategoriesMax"/>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Gets the labels; values are JSON texts; at most <see cref="Limits.LabelsMax"/>.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Gets the description.</summary>
    public string? Text { get; init; }

    /// <summary>Gets the time from which on it may be recommended, in milliseconds since 1970, UTC.</summary>
    public long? AvailableFromMs { get; init; }

    /// <summary>Gets the time until which it may be recommended, in milliseconds since 1970, UTC; exclusive.</summary>
    public long? AvailableUntilMs { get; init; }

    /// <summary>Gets whether no slate shows it.</summary>
    public bool IsHidden { get; init; }
}

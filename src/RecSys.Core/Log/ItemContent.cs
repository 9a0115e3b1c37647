using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>What is known of an item. All of it is optional.</summary>
public sealed record ItemContent
{
    /// <summary>An item of which nothing is known but its id.</summary>
    public static readonly ItemContent Empty = new();

    /// <summary>What a reader calls it.</summary>
    public string? Title { get; init; }

    /// <summary>Its categories, most telling first; at most <see cref="Limits.CategoriesMax"/>.</summary>
    public ImmutableArray<string> Categories { get; init; } = [];

    /// <summary>Its labels; values are JSON texts; at most <see cref="Limits.LabelsMax"/>.</summary>
    public ImmutableSortedDictionary<string, string> Labels { get; init; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>A description.</summary>
    public string? Text { get; init; }

    /// <summary>From when it may be recommended, in milliseconds since 1970, UTC.</summary>
    public long? AvailableFromMs { get; init; }

    /// <summary>Until when, in milliseconds since 1970, UTC; exclusive.</summary>
    public long? AvailableUntilMs { get; init; }

    /// <summary>Whether it is kept out of every slate.</summary>
    public bool IsHidden { get; init; }
}

using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace RecSys.Core;

/// <summary>The configured types of interactions. Immutable.</summary>
public sealed class InteractionTypes
{
    /// <summary>The largest number of types that may be configured.</summary>
    public const int CountMax = 64;

    private readonly FrozenDictionary<string, InteractionType> _byName;

    /// <summary>Creates the set of types.</summary>
    /// <exception cref="ArgumentException">There are none, too many, or two types with one name; or a type's name, weight, kind, scale of ratings or <see cref="InteractionType.Did"/> is not valid.</exception>
    public InteractionTypes(IReadOnlyCollection<InteractionType> types)
    {
        ArgumentNullException.ThrowIfNull(types);
        if (types.Count is 0 or > CountMax)
        {
            throw new ArgumentException($"{types.Count} interaction types are configured; 1 to {CountMax} are allowed", nameof(types));
        }

        foreach (InteractionType type in types)
        {
            if (IdText.Problem(type.Name) is { } problem)
            {
                throw new ArgumentException($"an interaction type's name {problem}", nameof(types));
            }

            if (type.Problem() is { } wrong)
            {
                throw new ArgumentException(wrong, nameof(types));
            }
        }

        _byName = types.ToFrozenDictionary(type => type.Name, StringComparer.Ordinal);
        All = [.. types];
    }

    /// <summary>Gets the default types: view, click, like, dislike, addToCart, removeFromCart, purchase, rating and hide.</summary>
    public static InteractionTypes Default { get; } = new(
    [
        new("view", Weight: 1f, InteractionKind.View),
        new("click", Weight: 2f, InteractionKind.Click),
        new("like", Weight: 4f, InteractionKind.Like),
        new("dislike", Weight: -4f, InteractionKind.Dislike),
        new("addToCart", Weight: 4f, InteractionKind.AddToCart),
        new("removeFromCart", Weight: 0f, InteractionKind.RemoveFromCart),
        new("purchase", Weight: 8f, InteractionKind.Purchase),
        new("rating", Weight: 4f, InteractionKind.Rating),
        new("hide", Weight: -4f, InteractionKind.Hide),
    ]);

    /// <summary>Gets all types, in the configured order.</summary>
    public IReadOnlyList<InteractionType> All { get; }

    /// <summary>Finds a type by its name.</summary>
    public bool TryGet(string name, [NotNullWhen(true)] out InteractionType? type) => _byName.TryGetValue(name, out type);

    /// <summary>Returns the weight of an interaction, by <see cref="InteractionType.WeightOf"/>.</summary>
    /// <param name="name">Name of the type; a type that is no longer configured weighs 0.</param>
    /// <param name="value">The interaction's value.</param>
    public float WeightOf(string name, double? value) => _byName.TryGetValue(name, out InteractionType? type) ? type.WeightOf(value) : 0f;
}

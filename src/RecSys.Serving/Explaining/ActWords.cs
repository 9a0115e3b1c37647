using RecSys.Core;

namespace RecSys.Serving.Explaining;

/// <summary>Words what a user did with an item, for reasons: by the words of the type, which settings may give.</summary>
internal sealed class ActWords(InteractionTypes types)
{
    private const string Other = "chose";

    /// <summary>Returns what was done to a named item: <c>viewed “Tea”</c>, <c>put “Tea” in your cart</c>.</summary>
    public string With(string type, string title) => DidOf(type, out InteractionKind kind) is not { } did ? $"{Other} {title}"
        : did != InteractionType.DidOf(kind) ? $"{did} {title}"
        : kind switch
        {
            InteractionKind.AddToCart => $"put {title} in your cart",
            InteractionKind.RemoveFromCart => $"took {title} out of your cart",
            _ => $"{did} {title}",
        };

    /// <summary>Returns what was done to an item that is not named: <c>looked at this</c>.</summary>
    /// <param name="type">The type of the interaction.</param>
    /// <param name="pronoun">The word for the item, such as it.</param>
    public string WithPronoun(string type, string pronoun) =>
        DidOf(type, out InteractionKind kind) is { } did && kind is InteractionKind.View or InteractionKind.Click && did == InteractionType.DidOf(kind)
            ? $"looked at {pronoun}"
            : With(type, pronoun);

    private string? DidOf(string name, out InteractionKind kind)
    {
        if (types.TryGet(name, out InteractionType? type))
        {
            kind = type.Kind;
            return type.Did;
        }

        kind = InteractionKind.View;
        return null;
    }
}

using RecSys.Core;

namespace RecSys.Serving.Explaining;

/// <summary>Describes in words what a user did with an item, for reasons. The settings may give the words of a type.</summary>
internal sealed class ActWords(InteractionTypes types)
{
    private const string DidOfUnknownType = "chose";

    /// <summary>Returns the words for an interaction with a named item: <c>viewed “Tea”</c>, <c>put “Tea” in your cart</c>.</summary>
    public string With(string type, string title) => DidOf(type, out InteractionKind kind) is not { } did ? $"{DidOfUnknownType} {title}"
        : did != InteractionType.DidOf(kind) ? $"{did} {title}"
        : kind switch
        {
            InteractionKind.AddToCart => $"put {title} in your cart",
            InteractionKind.RemoveFromCart => $"took {title} out of your cart",
            _ => $"{did} {title}",
        };

    /// <summary>Returns the words for an interaction with an item that is not named: <c>looked at this</c>.</summary>
    /// <param name="type">The name of the interaction's type.</param>
    /// <param name="pronoun">The word for the item: <c>it</c> or <c>this</c>.</param>
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

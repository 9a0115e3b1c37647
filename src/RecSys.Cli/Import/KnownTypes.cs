using System.Net;
using RecSys.Client;
using RecSys.Core;

namespace RecSys.Cli.Import;

/// <summary>The types of interactions that the server takes.</summary>
/// <param name="types">The types; null if the server does not report them: then all names are sent, and the server refuses those that it does not know.</param>
internal sealed class KnownTypes(IReadOnlyList<InteractionType>? types)
{
    /// <summary>The target of <c>--types</c> for rows that are left out.</summary>
    public const string Ignore = "ignore";

    // Types by usual spellings of their names, in the form that Names.Plain returns.
    private static readonly Dictionary<string, string> Spellings = new(StringComparer.Ordinal)
    {
        ["angesehen"] = "view",
        ["ansicht"] = "view",
        ["aufruf"] = "view",
        ["klick"] = "click",
        ["geklickt"] = "click",
        ["gefaellt"] = "like",
        ["merkzettel"] = "like",
        ["gemerkt"] = "like",
        ["warenkorb"] = "addToCart",
        ["indenwarenkorb"] = "addToCart",
        ["gekauft"] = "purchase",
        ["kauf"] = "purchase",
        ["bestellt"] = "purchase",
        ["bestellung"] = "purchase",
        ["bewertet"] = "rating",
        ["bewertung"] = "rating",
        ["views"] = "view",
        ["viewed"] = "view",
        ["pageview"] = "view",
        ["pageviews"] = "view",
        ["detailview"] = "view",
        ["viewdetail"] = "view",
        ["itemview"] = "view",
        ["viewitem"] = "view",
        ["productview"] = "view",
        ["viewproduct"] = "view",
        ["productviewed"] = "view",
        ["viewcontent"] = "view",
        ["productdetail"] = "view",
        ["productdetailview"] = "view",
        ["pv"] = "view",
        ["visit"] = "view",
        ["seen"] = "view",
        ["show"] = "view",
        ["open"] = "view",
        ["read"] = "view",
        ["watch"] = "view",
        ["watched"] = "view",
        ["play"] = "view",
        ["played"] = "view",
        ["listen"] = "view",
        ["listened"] = "view",
        ["stream"] = "view",
        ["clicks"] = "click",
        ["clicked"] = "click",
        ["clickitem"] = "click",
        ["productclick"] = "click",
        ["itemclick"] = "click",
        ["selectitem"] = "click",
        ["tap"] = "click",
        ["likes"] = "like",
        ["liked"] = "like",
        ["favorite"] = "like",
        ["favourite"] = "like",
        ["fav"] = "like",
        ["wishlist"] = "like",
        ["addtowishlist"] = "like",
        ["wishlistadd"] = "like",
        ["addwishlist"] = "like",
        ["wish"] = "like",
        ["bookmark"] = "like",
        ["save"] = "like",
        ["saved"] = "like",
        ["thumbsup"] = "like",
        ["upvote"] = "like",
        ["love"] = "like",
        ["heart"] = "like",
        ["addtofavorites"] = "like",
        ["addtofavourites"] = "like",
        ["dislikes"] = "dislike",
        ["disliked"] = "dislike",
        ["thumbsdown"] = "dislike",
        ["downvote"] = "dislike",
        ["cart"] = "addToCart",
        ["cartadd"] = "addToCart",
        ["addcart"] = "addToCart",
        ["addedtocart"] = "addToCart",
        ["basket"] = "addToCart",
        ["addtobasket"] = "addToCart",
        ["addtobag"] = "addToCart",
        ["buy"] = "purchase",
        ["bought"] = "purchase",
        ["purchases"] = "purchase",
        ["purchased"] = "purchase",
        ["transaction"] = "purchase",
        ["order"] = "purchase",
        ["ordered"] = "purchase",
        ["orders"] = "purchase",
        ["sale"] = "purchase",
        ["conversion"] = "purchase",
        ["rate"] = "rating",
        ["rated"] = "rating",
        ["ratings"] = "rating",
        ["review"] = "rating",
        ["reviewed"] = "rating",
        ["stars"] = "rating",
        ["hidden"] = "hide",
        ["notinterested"] = "hide",
        ["dismiss"] = "hide",
        ["dismissed"] = "hide",
        ["block"] = "hide",
    };

    // Types by parts of names, for names without a usual spelling; the first part that a name contains counts.
    private static readonly (string Part, string Type)[] Parts =
    [
        ("remove", Ignore), ("refund", Ignore), ("return", Ignore), ("cancel", Ignore), ("storn", Ignore), ("impression", Ignore), ("cart", "addToCart"), ("basket", "addToCart"), ("korb", "addToCart"), ("purchase", "purchase"), ("order", "purchase"), ("bought", "purchase"), ("kauf", "purchase"),
        ("dislike", "dislike"), ("like", "like"), ("rating", "rating"), ("click", "click"), ("view", "view"),
    ];

    private readonly Dictionary<string, string>? _byPlainName = types?.GroupBy(type => Names.Plain(type.Name)).ToDictionary(group => group.Key, group => group.First().Name, StringComparer.Ordinal);

    /// <summary>Gets the names of the types, for messages.</summary>
    public string Text => types is null ? "" : string.Join(", ", types.Select(type => type.Name));

    /// <summary>Finds the type that a name of a file means.</summary>
    /// <param name="name">The name, as the file writes it.</param>
    /// <param name="map">Types by names of the file, as given by <c>--types</c>.</param>
    /// <returns>The type's name, <see cref="Ignore"/>, or null if it is not known.</returns>
    public string? Find(string name, IReadOnlyDictionary<string, string> map)
    {
        if (map.TryGetValue(name, out string? mapped))
        {
            return mapped;
        }

        if (types is null)
        {
            return Spellings.GetValueOrDefault(Names.Plain(name), name);
        }

        string plain = Names.Plain(name);
        return types.Any(type => type.Name == name) ? name
            : plain.Length == 0 ? null
            : _byPlainName!.TryGetValue(plain, out string? same) ? same
            : Spellings.TryGetValue(plain, out string? usual) && types.Any(type => type.Name == usual) ? usual
            : null;
    }

    /// <summary>Returns the type that a part of a name suggests; <c>TYPE</c> if it suggests none.</summary>
    public string Guess(string name)
    {
        string plain = Names.Plain(name);
        string? type = Parts.FirstOrDefault(pair => plain.Contains(pair.Part, StringComparison.Ordinal)).Type;
        return type == Ignore ? Ignore : (type is null ? null : Named(type)) ?? "TYPE";
    }

    /// <summary>Requires that a type of <c>--type</c> or <c>--types</c> is one of the server's.</summary>
    /// <exception cref="CommandException">The server does not have the type.</exception>
    public void Require(string option, string name)
    {
        if (types?.Any(type => type.Name == name) == false && !(option == "--types" && name == Ignore))
        {
            throw new CommandException($"{option}: there is no type '{name}'; the types are {Text}", ExitCodes.WrongUsage);
        }
    }

    /// <summary>Returns whether the value of a type's interactions is a rating.</summary>
    public bool IsRating(string name) => types is null ? name == "rating" : types.Any(type => type.Name == name && type.Kind == InteractionKind.Rating);

    /// <summary>Returns the name of a type; null if the server does not have the type.</summary>
    public string? Named(string name) => types is null || types.Any(type => type.Name == name) ? name : null;

    /// <summary>Gets the first type whose value is a rating; null if there is none.</summary>
    public string? Rating => types is null ? "rating" : types.FirstOrDefault(type => type.Kind == InteractionKind.Rating)?.Name;

    /// <summary>Gets the scale of the ratings.</summary>
    public RatingScale Scale => types?.FirstOrDefault(type => type.Kind == InteractionKind.Rating) is { } type ? new RatingScale(type.RatingMin, type.RatingMax) : RatingScale.Stars;

    /// <summary>Asks a server for its types; a server that does not report them is not an error.</summary>
    public static async Task<KnownTypes> AskAsync(IRecSysClient client, CancellationToken cancellationToken)
    {
        try
        {
            InteractionTypesResponse answer = await client.GetInteractionTypesAsync(cancellationToken);
            return new KnownTypes(
            [
                .. answer.Types.Select(type => new InteractionType(type.Name, (float)type.Weight, type.IsRating ? InteractionKind.Rating : InteractionKind.View)
                {
                    RatingMin = type.RatingMin ?? RatingScale.Stars.Worst, RatingMax = type.RatingMax ?? RatingScale.Stars.Best,
                }),
            ]);
        }
        catch (RecSysException error) when (error.IsKeyRefused() || error.StatusCode is HttpStatusCode.NotFound)
        {
            return new KnownTypes(null);
        }
    }
}

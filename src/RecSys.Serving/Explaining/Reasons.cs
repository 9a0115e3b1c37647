using System.Collections.Immutable;
using System.Globalization;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Serving.Pipeline;
using RecSys.Serving.Sources;

namespace RecSys.Serving.Explaining;

/// <summary>Writes the reason why an item is in a slate as one line for users. The reason names the feature that adds most to the item's score.</summary>
internal static class Reasons
{
    /// <summary>The reason of an unknown item.</summary>
    public const string Unknown = "Unknown item, so it is last";

    /// <summary>The reason of an item that the filters kept but that was not ranked, because the time of the request was over.</summary>
    public const string NotRanked = "Not ranked, because time ran out";

    private const string FitsTaste = "Fits what you like";

    /// <summary>The share of the most popular item's popularity that an item must have to be called popular.</summary>
    private const float PopularMin = 0.1f;

    /// <summary>The share of a cause's contribution that another interaction must contribute to replace it as the cause.</summary>
    private const float OtherCauseMin = 0.6f;

    private const long DayMs = 86_400_000;

    /// <summary>Returns the reason of a ranked candidate.</summary>
    public static string Of(SlateRun run, int slot, ServingOptions options, ActWords words)
    {
        ref readonly Candidate candidate = ref run.Scratch.Candidates[slot];
        if (candidate.IsUnknown)
        {
            return Unknown;
        }

        if (run.IsDemoted(slot) || IsReturn(run, slot))
        {
            return Seen(run.Scratch.Seen[candidate.Seen - 1], run.NowMs, words);
        }

        string? category = CategoryOf(run, candidate.Entry);
        if (candidate.Cause == Candidate.DrawnAsNew)
        {
            return New(category);
        }

        int feature = Heaviest(run, slot);
        return feature switch
        {
            Feature.Affinity or Feature.CoVisit or Feature.Newest => BecauseOf(run, CauseOf(run, slot), words),
            Feature.Content when IsInterest(run, slot) => InterestedIn(run, candidate.Entry),
            Feature.Taste => FitsTaste,
            Feature.BoughtNext => GoesWith(run, CauseOf(run, slot)),
            Feature.Session when IsOfOtherCategories(run, slot) => BecauseOf(run, CauseOf(run, slot), words),
            Feature.Session or Feature.Content => SimilarTo(run, CauseOf(run, slot)),
            Feature.Trend => Trending(category),
            Feature.Popularity when run.FeatureOf(slot, feature) >= PopularMin * run.MostPopular => Popular(category),
            _ => IsYoung(run, candidate.Entry, options) ? New(category) : Catalogue(category),
        };
    }

    /// <summary>Returns the interaction that explains the score of a ranked candidate best, or the one that the selector set instead. The result is kept in <see cref="Candidate.Cause"/>.</summary>
    /// <returns>The index in the history; −1 if no interaction contributes to the heaviest feature, or the item was drawn as new.</returns>
    public static int CauseOf(SlateRun run, int slot)
    {
        ref Candidate candidate = ref run.Scratch.Candidates[slot];
        if (candidate.Cause == 0)
        {
            candidate.Cause = Candidate.CauseAt(candidate.IsUnknown ? -1 : FindCause(run, slot, Heaviest(run, slot), except: []).At);
        }

        return Math.Max(-1, candidate.Cause - 2);
    }

    /// <summary>Returns what the limit of causes counts a candidate under: the key of its cause, or the bitwise complement of that key if others bought the candidate after the cause.</summary>
    public static ulong? CauseKeyOf(SlateRun run, int slot)
    {
        if (CauseOf(run, slot) is not (>= 0 and int cause))
        {
            return null;
        }

        ulong key = run.Scratch.History[cause].Key;
        return IsBoughtNext(run, slot) ? ~key : key;
    }

    /// <summary>Returns another interaction that explains the score of a ranked candidate nearly as well as its cause.</summary>
    /// <param name="run">The request with its history.</param>
    /// <param name="slot">The slot of the candidate.</param>
    /// <param name="except">The keys of the items that are skipped; the item of the cause is one of them.</param>
    /// <returns>The index in the history; −1 if there is none.</returns>
    public static int OtherCauseOf(SlateRun run, int slot, ReadOnlySpan<ulong> except)
    {
        // The reasons of affinity and of co-visits have the same words, so the other of the two features is tried first.
        int feature = Heaviest(run, slot);
        if (feature == Feature.BoughtNext)
        {
            return -1;
        }

        int rival = feature switch { Feature.Affinity => Feature.CoVisit, Feature.CoVisit => Feature.Affinity, _ => -1 };
        if (rival >= 0 && PartOf(run, slot, rival) >= OtherCauseMin * PartOf(run, slot, feature))
        {
            Cause ofRival = FindCause(run, slot, rival, except);
            if (ofRival.At >= 0 && ofRival.Value >= OtherCauseMin * ofRival.Most)
            {
                return ofRival.At;
            }
        }

        Cause other = FindCause(run, slot, feature, except);
        return other.At >= 0 && other.Value >= OtherCauseMin * other.Most ? other.At : -1;
    }

    /// <summary>Returns the text of the part for hidden items: how many items the user hid of the category that lowers the candidate's score most.</summary>
    public static string Hidden(SlateRun run, int slot)
    {
        Tastes tastes = run.Scratch.Tastes;
        int most = -1;
        foreach (sbyte category in tastes.IdsOf(slot))
        {
            most = category >= 0 && (most < 0 || tastes.HiddenOf(category) > tastes.HiddenOf(most)) ? category : most;
        }

        return string.Create(CultureInfo.InvariantCulture, $"you hid {tastes.HiddenCountOf(most)} items of {tastes.NameOf(most)}");
    }

    /// <summary>Returns what the user did with an item, and on which day of UTC.</summary>
    public static string Seen(in SeenItem seen, long nowMs, ActWords words)
    {
        string did = $"You {words.WithPronoun(seen.Type, "this")}";
        DateTimeOffset at = DateTimeOffset.FromUnixTimeMilliseconds(Math.Min(seen.LastMs, nowMs));
        DateTimeOffset now = DateTimeOffset.FromUnixTimeMilliseconds(nowMs);
        long days = (nowMs / DayMs) - (at.ToUnixTimeMilliseconds() / DayMs);
        return days switch
        {
            0 => $"{did} today",
            1 => $"{did} yesterday",
            < 7 => string.Create(CultureInfo.InvariantCulture, $"{did} on {at:dddd}"),
            _ when at.Year == now.Year => string.Create(CultureInfo.InvariantCulture, $"{did} on {at:d MMMM}"),
            _ => string.Create(CultureInfo.InvariantCulture, $"{did} on {at:d MMMM yyyy}"),
        };
    }

    public static string Trending(string? category) => category is null ? "Trending now" : $"Trending in {category}";

    public static string Popular(string? category) => category is null ? "Popular with everyone" : $"Popular in {category}";

    public static string New(string? category) => category is null ? "New" : $"New in {category}";

    /// <summary>Returns the category that a reason names: the requested one, or the item's first.</summary>
    public static string? CategoryOf(SlateRun run, CatalogueItem? entry) => run.Request.Category ?? FirstCategory(entry);

    public static string? FirstCategory(CatalogueItem? entry) =>
        entry is { Content.Categories: { IsEmpty: false } categories } ? categories[0] : null;

    public static string Quoted(ItemCatalogue catalogue, ItemId item) =>
        $"“{(catalogue.TryGet(item, out CatalogueItem? entry) && entry.Content.Title is { Length: > 0 } title ? title : item.Value)}”";

    /// <summary>Returns the reason of an item that no feature raises.</summary>
    private static string Catalogue(string? category) => category is null ? "From the catalogue" : $"From {category}";

    /// <summary>Returns whether a candidate is shown because users return to what they have seen.</summary>
    private static bool IsReturn(SlateRun run, int slot)
    {
        ref readonly Candidate candidate = ref run.Scratch.Candidates[slot];
        return run.ReturnScore > 0 && candidate.Seen > 0 && CauseOf(run, slot) is >= 0 and int cause && run.Scratch.History[cause].Key == candidate.Key;
    }

    private static bool IsYoung(SlateRun run, CatalogueItem? entry, ServingOptions options) =>
        entry is not null && run.NowMs - entry.AddedAtMs <= options.NewItemAge.TotalMilliseconds;

    private static Cause FindCause(SlateRun run, int slot, int feature, ReadOnlySpan<ulong> except)
    {
        switch (feature)
        {
            case Feature.Affinity:
                return Causes.BestOfAffinity(run, run.Scratch.Candidates[slot].Index, except);
            case Feature.Newest:
                return BestNewest(run, slot, except);
            case Feature.Content when IsInterest(run, slot):
                return Cause.None;
            case Feature.Session or Feature.CoVisit or Feature.Content or Feature.BoughtNext:
                return BestRecent(run, slot, feature, except);
            default:
                return Cause.None;
        }
    }

    /// <summary>Returns what a feature adds to a score. Affinity and its square root count as one feature here: the part of the root is that of affinity.</summary>
    private static float PartOf(SlateRun run, int slot, int feature)
    {
        ReadOnlySpan<float> weights = run.ReasonWeights;
        float root = feature == Feature.Affinity ? weights[Feature.AffinityRoot] * run.FeatureOf(slot, Feature.AffinityRoot) : 0;
        return feature == Feature.AffinityRoot ? 0 : (weights[feature] * run.FeatureOf(slot, feature)) + root;
    }

    private static bool IsBoughtNext(SlateRun run, int slot) => run.FeatureOf(slot, Feature.BoughtNext) > 0 && Heaviest(run, slot) == Feature.BoughtNext;

    private static int Heaviest(SlateRun run, int slot)
    {
        int heaviest = -1;
        float most = 0;
        for (int feature = 0; feature < Feature.Count; feature++)
        {
            float part = PartOf(run, slot, feature);
            if (part > most)
            {
                most = part;
                heaviest = feature;
            }
        }

        return heaviest;
    }

    private static Cause BestNewest(SlateRun run, int slot, ReadOnlySpan<ulong> except)
    {
        NewestMatch match = run.Scratch.NewestMatch;
        (int best, float bestValue, float most) = (-1, 0, 0);
        for (int number = 0; number < match.Count; number++)
        {
            float value = match.PartOf(run.Model!, number, run.Scratch.Candidates[slot].Index);
            most = Math.Max(most, value);
            if (value > bestValue && !except.Contains(run.Scratch.History[match.PlaceOf(number)].Key))
            {
                (best, bestValue) = (match.PlaceOf(number), value);
            }
        }

        return new Cause(best, bestValue, most);
    }

    private static Cause BestRecent(SlateRun run, int slot, int feature, ReadOnlySpan<ulong> except)
    {
        ref readonly Candidate candidate = ref run.Scratch.Candidates[slot];
        int best = -1;
        float bestValue = 0;
        float most = 0;
        for (int recent = 0; recent < run.RecentCount; recent++)
        {
            float value = feature switch
            {
                Feature.Session => Causes.OfSession(run, recent, candidate.Index),
                Feature.CoVisit => Causes.OfCoVisit(run, recent, candidate.Id),
                Feature.BoughtNext => Causes.OfBoughtNext(run, recent, candidate.Id),
                _ => Causes.OfContent(run, recent, candidate),
            };
            most = value > most ? value : most;
            if (value > bestValue && !except.Contains(run.Scratch.History[run.Scratch.Recents[recent].At].Key))
            {
                bestValue = value;
                best = run.Scratch.Recents[recent].At;
            }
        }

        return new Cause(best, bestValue, most);
    }

    /// <summary>Returns whether a category that the user's labels name adds more to the content feature than any recent item.</summary>
    private static bool IsInterest(SlateRun run, int slot)
    {
        ref readonly Candidate candidate = ref run.Scratch.Candidates[slot];
        float interest = ContentSource.InterestIn(run, candidate.Entry);
        return interest > 0 && interest > BestRecent(run, slot, Feature.Content, except: []).Value;
    }

    private static string BecauseOf(SlateRun run, int at, ActWords words) =>
        at < 0 ? FitsTaste : $"Because you {words.With(run.Scratch.History[at].Type, Quoted(run.Catalogue, run.Scratch.History[at].Item))}";

    private static string SimilarTo(SlateRun run, int at) =>
        at < 0 ? FitsTaste : $"Similar to {Quoted(run.Catalogue, run.Scratch.History[at].Item)}";

    /// <summary>Returns whether a candidate and its cause have categories, and none in common: calling them similar would surprise.</summary>
    private static bool IsOfOtherCategories(SlateRun run, int slot)
    {
        int cause = CauseOf(run, slot);
        return cause >= 0 && run.ItemOf(run.Scratch.History[cause].Item, run.Scratch.History[cause].Index) is { Content.Categories.IsEmpty: false } item
            && run.Scratch.Candidates[slot].Entry is { Content.Categories.IsEmpty: false } entry && CatalogueFilter.Overlap(item, entry) == 0;
    }

    private static string GoesWith(SlateRun run, int at) =>
        at < 0 ? FitsTaste : $"Goes with {Quoted(run.Catalogue, run.Scratch.History[at].Item)}";

    private static string InterestedIn(SlateRun run, CatalogueItem? entry)
    {
        ImmutableArray<string> categories = entry?.Content.Categories ?? [];
        foreach (string interest in run.Interests)
        {
            if (CatalogueFilter.Has(categories, interest))
            {
                return $"Because you are interested in {interest}";
            }
        }

        return FitsTaste;
    }
}

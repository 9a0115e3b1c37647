using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core.Catalogue;

namespace RecSys.Serving.Pipeline;

/// <summary>Finds the interests of a new user: the categories of the catalogue that values of the user's labels name.</summary>
internal static class LabelInterests
{
    /// <summary>The largest number of interests of a user.</summary>
    public const int CountMax = 16;

    public static IReadOnlyList<string> Read(ImmutableSortedDictionary<string, string> labels, ItemCatalogue catalogue)
    {
        if (labels.IsEmpty)
        {
            return [];
        }

        List<string> interests = [];
        foreach ((_, string json) in labels)
        {
            if (Parse(json) is not { } document)
            {
                continue;
            }

            using (document)
            {
                Read(document.RootElement, catalogue, interests);
            }
        }

        return interests;
    }

    private static JsonDocument? Parse(string json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static void Read(JsonElement value, ItemCatalogue catalogue, List<string> interests)
    {
        if (value.ValueKind == JsonValueKind.Array)
        {
            foreach (JsonElement element in value.EnumerateArray())
            {
                if (element.ValueKind == JsonValueKind.String)
                {
                    Read(element, catalogue, interests);
                }
            }
        }
        else if (value.ValueKind == JsonValueKind.String && interests.Count < CountMax)
        {
            string text = value.GetString()!;
            if (catalogue.CountOf(text) > 0 && !interests.Contains(text))
            {
                interests.Add(text);
            }
        }
    }
}

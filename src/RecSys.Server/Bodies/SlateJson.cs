using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core.Log;
using RecSys.Core.Slates;

namespace RecSys.Server.Bodies;

/// <summary>Writes slates, lists and explanations as the types of RecSys.Client define them, directly from the domain types.</summary>
internal static class SlateJson
{
    /// <summary>Writes a slate.</summary>
    public static void Write(Utf8JsonWriter json, Slate slate)
    {
        json.WriteStartObject();
        json.WriteString("recommendationId"u8, slate.RecommendationId);
        WriteIfAny(json, "modelVersion"u8, slate.ModelVersion);
        WriteState(json, slate.ServedBy, slate.DegradedReasons, slate.FreshnessMs);
        json.WriteBoolean("coldUser"u8, slate.IsColdUser);
        if (slate.IsReflected is { } isReflected)
        {
            json.WriteBoolean("reflected"u8, isReflected);
        }

        json.WriteStartObject("stages"u8);
        foreach (StageTime stage in slate.Stages)
        {
            json.WriteNumber(stage.Stage, Math.Round(stage.Ms, 3));
        }

        json.WriteEndObject();
        json.WriteStartObject("sourceCounts"u8);
        foreach (SourceReport source in slate.Sources)
        {
            json.WriteNumber(source.Source, source.Count);
        }

        json.WriteEndObject();
        json.WriteStartObject("filtered"u8);
        foreach (FilterReport filtered in slate.Filtered)
        {
            json.WriteNumber(filtered.Reason.Name(), filtered.Count);
        }

        json.WriteEndObject();
        json.WriteNumber("interactionsHeld"u8, slate.InteractionsHeld);
        json.WriteNumber("interactionsSinceModel"u8, slate.InteractionsSinceModel);
        WriteItems(json, slate.Items);
        WriteIfAny(json, "next"u8, slate.Next);
        json.WriteEndObject();
    }

    /// <summary>Writes a list.</summary>
    public static void Write(Utf8JsonWriter json, ItemList list)
    {
        json.WriteStartObject();
        json.WriteString("recommendationId"u8, list.RecommendationId);
        WriteIfAny(json, "modelVersion"u8, list.ModelVersion);
        WriteState(json, list.ServedBy, list.DegradedReasons, list.FreshnessMs);
        WriteItems(json, list.Items);
        json.WriteEndObject();
    }

    /// <summary>Writes the shelves of a page.</summary>
    public static void Write(Utf8JsonWriter json, ImmutableArray<Shelf> shelves)
    {
        json.WriteStartObject();
        json.WriteStartArray("shelves"u8);
        foreach (Shelf shelf in shelves)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, shelf.Name);
            json.WritePropertyName("slate"u8);
            if (shelf.Slate is { } slate)
            {
                Write(json, slate);
            }
            else
            {
                Write(json, shelf.List!);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes an explanation.</summary>
    public static void Write(Utf8JsonWriter json, Explanation explanation)
    {
        json.WriteStartObject();
        WriteIfAny(json, "recommendationId"u8, explanation.RecommendationId);
        if (explanation.ShownAtMs is { } shownAtMs)
        {
            json.WriteString("shownAt"u8, Rfc3339.ToText(shownAtMs));
        }

        json.WriteString("itemId"u8, explanation.Item.Value);
        WriteIfAny(json, "title"u8, explanation.Title);
        json.WriteString("outcome"u8, explanation.Outcome.Name());
        if (explanation.Position is { } position)
        {
            json.WriteNumber("position"u8, position);
        }

        WriteIfAny(json, "stage"u8, explanation.Stage);
        WriteIfAny(json, "reason"u8, explanation.Reason);
        if (explanation.Score is { } score)
        {
            json.WriteFinite("score"u8, score);
        }

        json.WriteStartArray("parts"u8);
        foreach (ScorePart part in explanation.Parts)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, part.Name);
            json.WriteFinite("value"u8, part.Value);
            json.WriteString("text"u8, part.Text);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("because"u8);
        foreach (ScoreCause cause in explanation.Because)
        {
            json.WriteStartObject();
            json.WriteString("itemId"u8, cause.Item.Value);
            WriteIfAny(json, "title"u8, cause.Title);
            json.WriteString("type"u8, cause.Type);
            json.WriteString("timestamp"u8, Rfc3339.ToText(cause.TimestampMs));
            json.WriteFinite("contribution"u8, cause.Contribution);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteFinite("modelShare"u8, explanation.ModelShare);
        json.WriteFinite("recentShare"u8, explanation.RecentShare);
        json.WriteStartArray("stages"u8);
        foreach (StageOutcome stage in explanation.Stages)
        {
            json.WriteStartObject();
            json.WriteString("stage"u8, stage.Stage);
            json.WriteString("outcome"u8, stage.Outcome);
            json.WriteString("detail"u8, stage.Detail);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteIfAny(json, "since"u8, explanation.Since);
        if (explanation.Now is { } now)
        {
            json.WritePropertyName("now"u8);
            Write(json, now);
        }

        json.WriteEndObject();
    }

    private static void WriteState(Utf8JsonWriter json, ServedBy servedBy, ImmutableArray<string> reasons, double? freshnessMs)
    {
        json.WriteString("servedBy"u8, servedBy.Name());
        json.WriteBoolean("degraded"u8, !reasons.IsEmpty);
        if (!reasons.IsEmpty)
        {
            ItemJson.WriteTexts(json, "degradedReasons"u8, reasons);
        }

        if (freshnessMs is { } known)
        {
            json.WriteFinite("freshnessMs"u8, Math.Round(known, 3));
        }
    }

    private static void WriteItems(Utf8JsonWriter json, ImmutableArray<SlateItem> items)
    {
        json.WriteStartArray("items"u8);
        foreach (SlateItem item in items)
        {
            json.WriteStartObject();
            json.WriteString("itemId"u8, item.Item.Value);
            json.WriteFinite("score"u8, item.Score);
            json.WriteFinite("confidence"u8, item.Confidence);
            json.WriteString("explanation"u8, item.Explanation);
            json.WriteStartObject("features"u8);
            for (int feature = 0; feature < item.Features.Names.Length; feature++)
            {
                json.WriteFinite(item.Features.Names[feature], item.Features.Values[feature]);
            }

            json.WriteEndObject();
            ItemJson.WriteTexts(json, "sources"u8, item.Sources);
            if (item.SeenAtMs is { } seenAtMs)
            {
                json.WriteString("seenAt"u8, Rfc3339.ToText(seenAtMs));
            }

            if (item.IsUnknown)
            {
                json.WriteBoolean("unknown"u8, true);
            }

            if (item.Content is { } content)
            {
                WriteContent(json, content);
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteContent(Utf8JsonWriter json, ItemContent content)
    {
        WriteIfAny(json, "title"u8, content.Title);
        ItemJson.WriteTexts(json, "categories"u8, content.Categories);
        if (!content.Labels.IsEmpty)
        {
            ItemJson.WriteLabels(json, content.Labels);
        }

        ItemJson.WriteOffer(json, content);
    }

    private static void WriteIfAny(Utf8JsonWriter json, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
        {
            json.WriteString(name, value);
        }
    }
}

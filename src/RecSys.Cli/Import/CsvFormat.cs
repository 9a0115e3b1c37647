using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>CSV files with a header, of any columns.</summary>
internal static class CsvFormat
{
    /// <summary>Separator of several categories in one field.</summary>
    private static readonly char[] CategorySeparators = ['|', ';'];

    /// <summary>A file of one kind of rows.</summary>
    /// <param name="kind">Kind of the rows.</param>
    /// <param name="path">The file.</param>
    /// <param name="map">The user's <c>field=column</c> pairs.</param>
    /// <param name="type">The type of interactions in a file without a column for it, or null.</param>
    public static ImportPart Part(ImportKind kind, string path, IReadOnlyDictionary<string, string> map, string? type) =>
        new(
            kind,
            path,
            stream => CsvRows.Read(
                stream,
                headers => kind switch
                {
                    ImportKind.Interactions => Interactions(headers, map, type),
                    ImportKind.Items => Items(headers, map),
                    _ => Users(headers, map),
                }));

    private static Func<string[], (object? Body, string? Problem)> Interactions(
        IReadOnlyList<string> headers, IReadOnlyDictionary<string, string> map, string? type)
    {
        ColumnMap columns = ColumnMap.Find(
            headers, ["userId", "itemId", "type", "timestamp", "value", "recommendationId", "id", "location", "device"], ["userId", "itemId"], map);
        string fallback = type ?? (columns["value"] >= 0 ? "rating" : "view");
        return fields =>
        {
            string? timestamp = Get(fields, columns["timestamp"]);
            string? value = Get(fields, columns["value"]);
            DateTimeOffset time = default;
            double number = 0;
            string? problem = timestamp is null ? null : At("timestamp", Fields.Time(timestamp, out time));
            problem ??= value is null ? null : At("value", Fields.Number(value, out number));
            string? location = Get(fields, columns["location"]);
            string? device = Get(fields, columns["device"]);
            return (
                problem is not null
                    ? null
                    : new InteractionBody
                    {
                        UserId = fields[columns["userId"]],
                        ItemId = fields[columns["itemId"]],
                        Type = Get(fields, columns["type"]) ?? fallback,
                        Timestamp = timestamp is null ? null : time,
                        Value = value is null ? null : number,
                        RecommendationId = Get(fields, columns["recommendationId"]),
                        Id = Get(fields, columns["id"]),
                        Context = location is null && device is null ? null : new ContextBody { Location = location, Device = device },
                    },
                problem);
        };
    }

    private static Func<string[], (object? Body, string? Problem)> Items(IReadOnlyList<string> headers, IReadOnlyDictionary<string, string> map)
    {
        ColumnMap columns = ColumnMap.Find(
            headers, ["itemId", "title", "categories", "text", "availableFrom", "availableUntil", "hidden"], ["itemId"], map);
        return fields =>
        {
            string? from = Get(fields, columns["availableFrom"]);
            string? until = Get(fields, columns["availableUntil"]);
            string? hidden = Get(fields, columns["hidden"]);
            DateTimeOffset fromTime = default;
            DateTimeOffset untilTime = default;
            bool isHidden = false;
            string? problem = from is null ? null : At("availableFrom", Fields.Time(from, out fromTime));
            problem ??= until is null ? null : At("availableUntil", Fields.Time(until, out untilTime));
            problem ??= hidden is null ? null : At("hidden", Fields.Flag(hidden, out isHidden));
            return (
                problem is not null
                    ? null
                    : new ItemRow
                    {
                        ItemId = fields[columns["itemId"]],
                        Title = Get(fields, columns["title"]),
                        Categories = Get(fields, columns["categories"])?.Split(
                            CategorySeparators, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                        Text = Get(fields, columns["text"]),
                        AvailableFrom = from is null ? null : fromTime,
                        AvailableUntil = until is null ? null : untilTime,
                        Hidden = hidden is null ? null : isHidden,
                        Labels = Labels(columns, fields),
                    },
                problem);
        };
    }

    private static Func<string[], (object? Body, string? Problem)> Users(IReadOnlyList<string> headers, IReadOnlyDictionary<string, string> map)
    {
        ColumnMap columns = ColumnMap.Find(headers, ["userId", "consent"], ["userId"], map);
        return fields =>
        {
            string? consent = Get(fields, columns["consent"]);
            bool agrees = false;
            string? problem = consent is null ? null : At("consent", Fields.Flag(consent, out agrees));
            return (
                problem is not null
                    ? null
                    : new UserRow
                    {
                        UserId = fields[columns["userId"]],
                        Consent = consent is null ? null : agrees,
                        Labels = Labels(columns, fields),
                    },
                problem);
        };
    }

    private static Dictionary<string, JsonElement>? Labels(ColumnMap columns, string[] fields)
    {
        Dictionary<string, JsonElement> labels = new(StringComparer.Ordinal);
        foreach (int column in columns.Others)
        {
            if (Get(fields, column) is { } text)
            {
                labels[columns.Headers[column]] = Fields.Label(text);
            }
        }

        return labels.Count > 0 ? labels : null;
    }

    private static string? Get(string[] fields, int column) => column >= 0 && fields[column].Length > 0 ? fields[column] : null;

    private static string? At(string field, string? problem) => problem is null ? null : $"{field}: {problem}";
}

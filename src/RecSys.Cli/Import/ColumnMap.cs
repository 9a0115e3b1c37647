namespace RecSys.Cli.Import;

/// <summary>Maps the columns of a CSV file to fields.</summary>
/// <remarks>Columns are found by <c>--map field=column,…</c>, else by the field's name or a common synonym; case does not matter.</remarks>
internal sealed class ColumnMap
{
    private static readonly Dictionary<string, string[]> Known = new(StringComparer.Ordinal)
    {
        ["userId"] = ["user_id", "user", "uid", "customer_id", "visitorid", "userName"],
        ["itemId"] = ["item_id", "item", "iid", "movieId", "product_id", "productId", "sku"],
        ["type"] = ["event_type", "event", "action", "interaction_type", "feedback_type"],
        ["timestamp"] = ["ts", "time", "date", "event_time", "unix_time"],
        ["value"] = ["rating", "score", "weight"],
        ["id"] = ["event_id", "interaction_id"],
        ["recommendationId"] = ["recommendation_id"],
        ["location"] = [],
        ["device"] = [],
        ["title"] = ["name"],
        ["categories"] = ["category", "genres", "genre"],
        ["text"] = ["description"],
        ["availableFrom"] = ["available_from"],
        ["availableUntil"] = ["available_until"],
        ["hidden"] = ["is_hidden"],
        ["consent"] = [],
    };

    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);

    private ColumnMap(IReadOnlyList<string> headers) => Headers = headers;

    /// <summary>The file's header.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>Columns that are no field.</summary>
    public IReadOnlyList<int> Others { get; private set; } = [];

    /// <summary>The column of a field, or −1.</summary>
    public int this[string field] => _columns.GetValueOrDefault(field, -1);

    /// <summary>Finds the columns of a file's fields.</summary>
    /// <param name="headers">The file's header.</param>
    /// <param name="fields">The fields that its rows may have.</param>
    /// <param name="required">Those that they must have.</param>
    /// <param name="map">The user's <c>field=column</c> pairs.</param>
    /// <exception cref="CommandException">A pair names no field or column, or a required field has no column.</exception>
    public static ColumnMap Find(IReadOnlyList<string> headers, string[] fields, string[] required, IReadOnlyDictionary<string, string> map)
    {
        ColumnMap found = new(headers);
        foreach ((string field, string column) in map)
        {
            if (!fields.Contains(field))
            {
                throw new CommandException($"--map: there is no field '{field}'; the fields are {string.Join(", ", fields)}", ExitCodes.WrongUsage);
            }

            int at = IndexOf(headers, column);
            found._columns[field] = at >= 0
                ? at
                : throw new CommandException($"--map: the file has no column '{column}'; it has {string.Join(", ", headers)}", ExitCodes.WrongUsage);
        }

        foreach (string field in fields.Where(field => !found._columns.ContainsKey(field)))
        {
            int at = Known[field].Prepend(field).Select(name => IndexOf(headers, name)).FirstOrDefault(index => index >= 0, -1);
            if (at >= 0 && !found._columns.ContainsValue(at))
            {
                found._columns[field] = at;
            }
        }

        foreach (string field in required.Where(field => !found._columns.ContainsKey(field)))
        {
            throw new CommandException(
                $"no column for '{field}' among {string.Join(", ", headers)}; name it with --map {field}=COLUMN", ExitCodes.WrongUsage);
        }

        found.Others = [.. Enumerable.Range(0, headers.Count).Where(index => !found._columns.ContainsValue(index))];
        return found;
    }

    /// <summary>Reads <c>field=column,field=column</c>.</summary>
    /// <exception cref="CommandException">It is written otherwise.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string? text)
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        foreach (string pair in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = pair.Split('=', 2, StringSplitOptions.TrimEntries);
            if (sides is not [{ Length: > 0 }, { Length: > 0 }])
            {
                throw new CommandException($"--map: '{pair}' is not field=column", ExitCodes.WrongUsage);
            }

            map[sides[0]] = sides[1];
        }

        return map;
    }

    private static int IndexOf(IReadOnlyList<string> headers, string name)
    {
        for (int i = 0; i < headers.Count; i++)
        {
            if (headers[i].Trim().Equals(name, StringComparison.OrdinalIgnoreCase))
            {
                return i;
            }
        }

        return -1;
    }
}

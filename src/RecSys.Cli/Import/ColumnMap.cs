namespace RecSys.Cli.Import;

/// <summary>The columns of a file's fields.</summary>
/// <remarks>A column is found by <c>--map field=column,…</c>; without it, by the field's name or a common name for it (<see cref="KnownFields"/>), ignoring case, spaces and punctuation. The name of the price may contain a currency (<see cref="MoneyName"/>).</remarks>
internal sealed class ColumnMap
{
    /// <summary>The word in place of a column in <c>--map field=label</c>: no column is then the field, and a column that would be the field stays a label.</summary>
    public const string LabelWord = "label";

    /// <summary>The word in place of a column in <c>--map field=none</c>: no column is then the field.</summary>
    public const string NoneWord = "none";

    /// <summary>What precedes a column in <c>--map hidden=not:column</c>: the flag is the opposite of the column's value.</summary>
    public const string NotWord = "not:";

    /// <summary>The field whose time of day may be in a second column.</summary>
    private const string Timestamp = "timestamp";

    /// <summary>The field whose column may name a currency.</summary>
    private const string Price = "price";

    /// <summary>The names that mean a price only together with a currency.</summary>
    private static readonly string[] Amounts = ["amount", "betrag"];

    private static readonly string[] TimesOfDay = ["time", "timeofday", "eventtime", "ordertime", "purchasetime", "uhrzeit", "zeit", "clock", "hour"];

    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);
    private readonly HashSet<string> _inverted = new(StringComparer.Ordinal);
    private readonly HashSet<string> _mapped = new(StringComparer.Ordinal);
    private readonly string[] _plain;
    private (Field Field, int Column)[] _plainValues = [];

    private ColumnMap(IReadOnlyList<string> headers)
    {
        Headers = headers;
        _plain = [.. headers.Select(Names.Plain)];
    }

    /// <summary>Gets the file's header.</summary>
    public IReadOnlyList<string> Headers { get; }

    /// <summary>Gets the columns that are not a field, or a field that may stay a label; without unnamed columns, index columns and repeated names.</summary>
    public IReadOnlyList<int> Others { get; private set; } = [];

    /// <summary>Gets the column of the time of day, if date and time of day are two columns; otherwise −1.</summary>
    public int TimeOfDay { get; private set; } = -1;

    /// <summary>Gets the column that has the name of a time of day and is not read as one, beside a column of dates; otherwise −1.</summary>
    public int UnreadTimeOfDay { get; private set; } = -1;

    /// <summary>Gets the columns that name prices in different currencies: none of them is then the price. Otherwise empty.</summary>
    public IReadOnlyList<int> PricesOfCurrencies { get; private set; } = [];

    /// <summary>Gets the column of a field, from 0, or −1.</summary>
    public int this[string field] => _columns.GetValueOrDefault(field, -1);

    /// <summary>Finds the columns of a file's fields.</summary>
    /// <param name="headers">The file's header.</param>
    /// <param name="fields">The fields that its rows may have.</param>
    /// <param name="map">The user's <c>field=column</c> pairs; <c>timestamp=date+time</c> names two columns.</param>
    /// <param name="sample">The first rows; they show whether date and time of day are two columns.</param>
    /// <param name="isJson">Whether the columns are members of JSON lines.</param>
    /// <exception cref="CommandException">A pair names no field or column, or a required field has no column.</exception>
    public static ColumnMap Find(IReadOnlyList<string> headers, IReadOnlyList<Field> fields, IReadOnlyDictionary<string, string> map, IReadOnlyList<Cell[]> sample, bool isJson = false)
    {
        ColumnMap found = new(headers);
        foreach ((string name, string column) in map)
        {
            found.Map(name, column, fields);
        }

        foreach (Field field in fields.Where(field => !found._columns.ContainsKey(field.Name)))
        {
            int at = field.Columns.Prepend(Names.Plain(field.Name)).Select(found.IndexOfFree).FirstOrDefault(index => index >= 0 && !found.IsRemark(index, sample), -1);
            if (at >= 0)
            {
                found._columns[field.Name] = at;
            }
        }

        found.FindPrice(fields);
        found.FindTimeOfDay(sample);
        foreach (Field field in fields.Where(field => field.IsRequired && !found._columns.ContainsKey(field.Name)))
        {
            throw new CommandException(
                $"no column for '{field.Name}' among {string.Join(", ", headers.Select(header => header.Length == 0 ? "(unnamed)" : header))}; {Remedy(field)}", ExitCodes.WrongUsage);
        }

        found._plainValues = [.. fields.Where(field => field is { IsJson: false, MayBeLabel: false } && found[field.Name] >= 0).Select(field => (field, found[field.Name]))];
        HashSet<int> taken = [.. fields.Where(field => !field.MayBeLabel).Select(field => found[field.Name]), found.TimeOfDay];
        found.Others =
        [
            .. Enumerable.Range(0, headers.Count).Where(index =>
                !taken.Contains(index) && !IsIndex(headers[index]) && headers.Take(index).All(earlier => earlier != headers[index])),
        ];
        return found;

        string Remedy(Field field) =>
            headers.Any(IsValue) ? "the first line looks like a row: name the columns with --columns userId,itemId,…"
            : headers.Count == 1 && !isJson ? $"the first line is one column: name the separator of fields with --separator, remove lines before the header, or name the column with --map {field.Name}=COLUMN"
            : $"name it with --map {field.Name}=COLUMN{(isJson ? "" : "; if lines come before the header, remove them")}";
    }

    /// <summary>Returns the problem of a row of JSON lines that has an object or an array where a field is a text, a number or a flag, or of a row whose id is a word for no value; null if there is none.</summary>
    public RowProblem? ProblemOf(Cell[] cells, NullWords nulls)
    {
        foreach ((Field field, int column) in _plainValues)
        {
            Cell cell = cells[column];
            RowProblem? problem = cell.Kind switch
            {
                CellKind.Text when field.IsId && nulls.IsUnclear(cell.Text!) => RowProblem.Of($"is a word for no value and no id; --nulls {NullWords.NoneWord} reads it as an id", cell.Text!),
                CellKind.Object => new RowProblem($"is an object; name its member that is the field, such as --map {field.Name}={Headers[column]}.{ListText.FirstMember(cell.Text!) ?? "MEMBER"}{Without(field)}"),
                CellKind.Array when !field.MayBeList => new RowProblem($"is a list; a row has one value{Without(field)}"),
                CellKind.Array when ListText.ReadJson(cell.Text!) is null => new RowProblem($"is a list of objects; a text or a list of texts is expected{Without(field)}"),
                _ => null,
            };
            if (problem is not null)
            {
                return problem.In(field.Name);
            }
        }

        return null;

        static string Without(Field field) => field.IsRequired ? "" : $"; --map {field.Name}={NoneWord} leaves the field out";
    }

    /// <summary>Returns whether a flag is the opposite of its column's value.</summary>
    public bool IsInverted(string field) => _inverted.Contains(field);

    /// <summary>Returns whether <c>--map</c> names the column of a field.</summary>
    public bool IsMapped(string field) => _mapped.Contains(field);

    /// <summary>Gets the field of a column; null if the column is not a field.</summary>
    public string? FieldOf(int column) => _columns.FirstOrDefault(pair => pair.Value == column).Key;

    /// <summary>Returns whether a column is the index that pandas writes: it has no name, or one that pandas gave it.</summary>
    public static bool IsIndex(string header) =>
        header.Length == 0 || header.StartsWith("Unnamed: ", StringComparison.Ordinal) || header is "__index_level_0__" or "level_0";

    /// <summary>Returns whether a header is a value: a number or a time.</summary>
    private static bool IsValue(string header) => header.Length > 0 && (header.All(char.IsAsciiDigit) || TimeText.Read(header, out _, out _) is null);

    /// <summary>Reads <c>field=column,field=column</c>.</summary>
    /// <param name="text">Pairs <c>field=column</c>, separated by commas; null if the user named none.</param>
    /// <param name="option">The option that has the pairs.</param>
    /// <exception cref="CommandException">The text does not have this form.</exception>
    public static IReadOnlyDictionary<string, string> Parse(string? text, string option = "--map")
    {
        Dictionary<string, string> map = new(StringComparer.Ordinal);
        foreach (string pair in (text ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            string[] sides = pair.Split('=', 2, StringSplitOptions.TrimEntries);
            if (sides is not [{ Length: > 0 }, { Length: > 0 }])
            {
                throw new CommandException($"{option}: '{pair}' is not {(option == "--map" ? "field=column" : "NAME=TYPE")}", ExitCodes.WrongUsage);
            }

            map[sides[0]] = sides[1];
        }

        return map;
    }

    private void Map(string name, string column, IReadOnlyList<Field> fields)
    {
        Field field = fields.FirstOrDefault(field => Names.Plain(field.Name) == Names.Plain(name))
            ?? throw new CommandException(
                $"--map: there is no field '{name}'; the fields are {string.Join(", ", fields.Where(field => !field.IsJson).Select(field => field.Name))}", ExitCodes.WrongUsage);
        int at = IndexOf(column);
        if (at < 0 && field.IsFlag && column.StartsWith(NotWord, StringComparison.Ordinal))
        {
            at = RequireColumn(column[NotWord.Length..]);
            _inverted.Add(field.Name);
        }

        if (at < 0 && ((field.MayBeLabel && column == LabelWord) || (!field.IsRequired && column == NoneWord)))
        {
            _columns[field.Name] = -1;
            if (column == NoneWord)
            {
                _mapped.Add(field.Name);
            }

            return;
        }

        if (at < 0 && field.Name == Timestamp && column.Split('+') is [{ Length: > 0 } date, { Length: > 0 } time])
        {
            at = RequireColumn(date);
            TimeOfDay = RequireColumn(time);
        }

        _columns[field.Name] = at >= 0 ? at : RequireColumn(column);
        _mapped.Add(field.Name);
    }

    private int RequireColumn(string column) => IndexOf(column) is >= 0 and int at
        ? at
        : throw new CommandException($"--map: the file has no column '{column}'; it has {string.Join(", ", Headers)}", ExitCodes.WrongUsage);

    // A price whose name contains a currency; the first names of the field are preferred, as they are without one.
    private void FindPrice(IReadOnlyList<Field> fields)
    {
        if (_columns.ContainsKey(Price) || fields.FirstOrDefault(field => field.Name == Price) is not { } field)
        {
            return;
        }

        string[] names = [Price, .. field.Columns, .. Amounts];
        List<(int Rank, int Column, string? Currency)> found = [];
        for (int column = 0; column < Headers.Count; column++)
        {
            if (!_columns.ContainsValue(column) && MoneyName.Of(Headers[column]) is { } name && Array.IndexOf(names, name.Plain) is >= 0 and int rank)
            {
                found.Add((rank, column, name.Currency));
            }
        }

        if (found.Select(price => price.Currency).Distinct().Count() > 1)
        {
            PricesOfCurrencies = [.. found.Select(price => price.Column)];
        }
        else if (found.Count > 0)
        {
            _columns[Price] = found.MinBy(price => price.Rank).Column;
        }
    }

    // A time of day alone is not a timestamp: the date is in another column.
    private void FindTimeOfDay(IReadOnlyList<Cell[]> sample)
    {
        if (TimeOfDay >= 0 || !_columns.TryGetValue(Timestamp, out int column) || _mapped.Contains(Timestamp))
        {
            return;
        }

        if (AllAre(sample, column, TimeText.IsTimeOfDay))
        {
            int date = Array.FindIndex(_plain, name => name is "date" or "day" or "datum" or "tag" || name.EndsWith("date", StringComparison.Ordinal) || name.EndsWith("datum", StringComparison.Ordinal));
            if (date >= 0 && date != column)
            {
                (_columns[Timestamp], TimeOfDay) = (date, column);
            }

            return;
        }

        if (AllAre(sample, column, text => !text.Contains(':', StringComparison.Ordinal)))
        {
            int time = Array.FindIndex(_plain, name => TimesOfDay.Contains(name));
            if (time >= 0 && time != column && FieldOf(time) is null)
            {
                (TimeOfDay, UnreadTimeOfDay) = AllAre(sample, time, TimeText.IsTimeOfDay) ? (time, -1) : (-1, time);
            }
        }
    }

    private static bool AllAre(IReadOnlyList<Cell[]> sample, int column, Func<string, bool> condition)
    {
        string[] texts = [.. sample.Select(row => row[column].Text).OfType<string>()];
        return texts.Length > 0 && texts.All(condition);
    }

    // A column note contains marks in German and French files, and remarks in English ones.
    private bool IsRemark(int column, IReadOnlyList<Cell[]> sample) => _plain[column] == "note" && AllAre(sample, column, text => !text.Any(char.IsAsciiDigit));

    private int IndexOfFree(string plain) => Array.FindIndex(_plain, 0, name => name == plain) is >= 0 and int at && !_columns.ContainsValue(at) ? at : -1;

    private int IndexOf(string name)
    {
        int exact = Headers.ToList().FindIndex(header => header == name);
        string plain = Names.Plain(name);
        return exact >= 0 ? exact : plain.Length == 0 ? -1 : Array.IndexOf(_plain, plain);
    }
}

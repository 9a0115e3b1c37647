using RecSys.Client;
using RecSys.Core;

namespace RecSys.Cli.Import;

/// <summary>Reads interactions.</summary>
internal sealed class InteractionReader : IRowReader
{
    /// <summary>The largest number of distinct values in the column of types; a file with more is refused.</summary>
    public const int TypesMax = 1_000;

    /// <summary>A file with at most this number of rows is taken to be written by hand: if its times are missing or wrong, it is imported with a warning.</summary>
    public const int HandwrittenRowsMax = 10;

    /// <summary>The number of rows at the start of a file in which a column of times is searched.</summary>
    private const int TimeSampleRows = 100;

    /// <summary>A file whose times are all at most this far from the present has the times of its writing, not of the interactions.</summary>
    private static readonly TimeSpan NowTolerance = TimeSpan.FromMinutes(1);

    private readonly ColumnMap _map;
    private readonly ImportOptions _options;
    private readonly KnownTypes _types;
    private readonly string? _fallback;
    private readonly string _fallbackReason;
    private readonly string? _unrated;
    private readonly TimeColumn? _time;
    private readonly Dictionary<string, TypeRows> _typeRows = new(StringComparer.Ordinal);
    private readonly RatingColumn _ratings;
    private readonly IdColumn _items;
    private readonly IdColumn _users;
    private readonly IdColumn? _ids;
    private readonly bool _hasAmounts;
    private readonly Dictionary<int, (int Times, int Values)> _timeLike = [];
    private readonly int _user;
    private readonly int _item;
    private readonly int _type;
    private readonly int _value;
    private readonly int _id;
    private readonly int _recommendation;
    private readonly int _location;
    private readonly int _device;
    private readonly int _context;
    private long _observed;
    private long _unreadRatings; // of those that were observed, if none could be read
    private DateTimeOffset _now;

    /// <summary>Creates a reader.</summary>
    /// <param name="map">Column of each field.</param>
    /// <param name="options">The options of the user.</param>
    /// <param name="types">The types that the server accepts.</param>
    public InteractionReader(ColumnMap map, ImportOptions options, KnownTypes types)
    {
        _map = map;
        _options = options;
        _types = types;
        (_user, _item, _type, _value, _id) = (map["userId"], map["itemId"], map["type"], map["value"], map["id"]);
        (_recommendation, _location, _device, _context) = (map["recommendationId"], map["location"], map["device"], map["context"]);
        _time = map["timestamp"] >= 0 && !options.IsTimestampNow ? new TimeColumn(map["timestamp"], map.TimeOfDay, options.TimeFormat) : null;
        _ratings = new RatingColumn(options.Scale, options.HasDecimalComma);
        _items = new IdColumn(map.Headers[_item]);
        _users = new IdColumn(map.Headers[_user]);
        _ids = _id >= 0 ? new IdColumn(map.Headers[_id]) : null;
        _hasAmounts = _value >= 0 && KnownFields.Amounts.Contains(Names.Plain(map.Headers[_value]));
        _unrated = types.Named("view");
        (_fallback, _fallbackReason) = Fallback();
        foreach (string type in options.Types.Values)
        {
            types.Require("--types", type);
        }
    }

    private RatingScale Scale => _types.Scale;

    /// <inheritdoc/>
    public void Observe(Cell[] cells)
    {
        _observed++;
        _time?.Observe(cells);
        _items.Observe(cells[_item].Text);
        _users.Observe(cells[_user].Text);
        _ids?.Observe(cells[_id].Text);
        string name = _type >= 0 ? cells[_type].Text ?? "" : "";
        if (!_typeRows.TryGetValue(name, out TypeRows? rows))
        {
            if (_typeRows.Count == TypesMax)
            {
                throw new CommandException(
                    $"the column '{_map.Headers[_type]}' has more than {TypesMax} values, such as '{name}': it is not a type of interactions; set the right column with --map type=COLUMN", ExitCodes.WrongUsage);
            }

            _typeRows[name] = rows = new TypeRows(name.Length == 0 ? _fallback : _types.Find(name, _options.Types));
        }

        rows.Count++;
        if (_value >= 0 && rows.Type is not null && _types.IsRating(rows.Type) && cells[_value].Text is { } value)
        {
            _ratings.Observe(value);
            _unreadRatings++;
        }

        if (_time is null && _observed <= TimeSampleRows)
        {
            CountTimes(cells);
        }
    }

    /// <inheritdoc/>
    public Detection Detect(long rows, DateTimeOffset now)
    {
        _now = now;
        Detection found = new();
        (string scale, string? noScale) = _ratings.Count > 0 ? _ratings.Detect(Scale) : ("", null);
        if (noScale is not null)
        {
            found.Refusal = $"value: {noScale}";
        }

        for (int column = 0; column < _map.Headers.Count; column++)
        {
            found.Columns.Add($"{ColumnText.Name(_map, column)} → {Describe(column, scale)}");
        }

        if (_type < 0)
        {
            found.Defaults.Add($"type → {_fallback} for all rows ({_fallbackReason}; --type TYPE names another)");
        }
        else if (_fallback is not null && _typeRows.TryGetValue("", out TypeRows? empty) && empty.Count > 0)
        {
            found.Defaults.Add($"type → {_fallback} for {Terminal.Number(empty.Count)} rows without one ({_fallbackReason}; --type TYPE names another)");
        }

        WarnOfTypes(found);
        WarnOfTimes(found, rows, now);
        found.Warnings.AddRange(_users.Warnings("userId"));
        found.Warnings.AddRange(_items.Warnings("itemId"));
        if (_ids?.CountsRows == true)
        {
            found.Warnings.Add(
                $"id: '{_map.Headers[_id]}' counts the rows: if another file counts its rows too, rows of a user with the same number count as one; --map id={ColumnMap.NoneWord} leaves the column out");
        }

        return found;
    }

    /// <inheritdoc/>
    public (object? Body, RowProblem? Problem) Parse(Cell[] cells)
    {
        string name = _type >= 0 ? cells[_type].Text ?? "" : "";
        if (!_typeRows.TryGetValue(name, out TypeRows? rows))
        {
            _typeRows[name] = rows = new TypeRows(name.Length == 0 ? _fallback : _types.Find(name, _options.Types));
        }

        if (rows.Type == KnownTypes.Ignore)
        {
            return (null, null);
        }

        if (rows.Type is not { } type)
        {
            return (null, UnknownType(name));
        }

        if (cells[_user].Text is not { } user)
        {
            return (null, new RowProblem("is empty").In("userId"));
        }

        if (cells[_item].Text is not { } item)
        {
            return (null, new RowProblem("is empty").In("itemId"));
        }

        DateTimeOffset? time = null;
        if ((_time?.Read(cells, out time, out _) ?? OutOfRange(time)) is { } badTime)
        {
            return (null, badTime.In("timestamp"));
        }

        double? value = null;
        if (_value >= 0 && cells[_value].Text is { } text)
        {
            bool isRating = _types.IsRating(type);
            RowProblem? problem = isRating ? _ratings.Read(text, Scale, out value) : ReadAmount(text, out value);
            if (problem is not null)
            {
                string remedy = problem.Cause == Numbers.FiniteRule ? $"; --map value={ColumnMap.NoneWord} leaves the column out" : "";
                return (null, new RowProblem(problem.Cause + remedy, problem.Text + remedy).In("value"));
            }

            type = isRating && value is null ? _unrated ?? type : type;
        }
        else if (_type < 0 && _types.IsRating(type))
        {
            type = _unrated ?? type; // a row without a value in a file of ratings
        }

        if (Values.Context(cells, _context, out ContextBody? context) is { } badContext)
        {
            return (null, badContext);
        }

        string? location = Get(cells, _location);
        string? device = Get(cells, _device);
        return (
            new InteractionBody
            {
                UserId = user,
                ItemId = item,
                Type = type,
                Timestamp = time,
                Value = value,
                RecommendationId = Get(cells, _recommendation),
                Id = Get(cells, _id),
                Context = location is null && device is null ? context : (context ?? new ContextBody()) with { Location = location ?? context?.Location, Device = device ?? context?.Device },
            },
            null);
    }

    private RowProblem? OutOfRange(DateTimeOffset? time) =>
        time < DateTimeOffset.UnixEpoch ? RowProblem.Of("is before 1970", $"{time:u}")
        : time > _now + Limits.FutureMax ? RowProblem.Of("is in the future", $"{time:u}")
        : null;

    private static string? Get(Cell[] cells, int column) => column >= 0 ? cells[column].Text : null;

    private RowProblem? ReadAmount(string text, out double? value)
    {
        RowProblem? problem = Numbers.Read(text, _options.HasDecimalComma, out double number);
        value = number;
        return problem ?? (_hasAmounts && number < 0 ? RowProblem.Of("is negative: a return is no act of the row's type; remove such rows, or accept that they are refused with --allow-refused", text) : null);
    }

    /// <summary>Returns the type of rows without one; null if rows must name their own.</summary>
    private (string? Type, string Reason) Fallback()
    {
        if (_options.Type is { } type)
        {
            _types.Require("--type", type);
            return (type, "--type");
        }

        string[] plain = [.. _map.Headers.Select(Names.Plain)];
        (string name, string reason) =
            Layouts.TypeOf(plain) is { } layout ? layout
            : _hasAmounts ? (plain[_value] is "quantity" or "qty" or "menge" or "anzahl" ? "purchase" : "view", $"'{_map.Headers[_value]}' contains amounts")
            : _value >= 0 && _types.Rating is { } rating ? (rating, $"'{_map.Headers[_value]}' contains ratings")
            : ("view", "the file has no column of types");
        string? known = _types.Named(name);
        return known is not null || _type >= 0
            ? (known, reason)
            : throw new CommandException($"no column for 'type', and there is no type '{name}'; name one with --type: {_types.Text}", ExitCodes.WrongUsage);
    }

    private string Describe(int column, string scale)
    {
        if (column == _map["timestamp"])
        {
            return _time is null ? "ignored (--timestamp now)" : $"timestamp ({_time.Describe()})";
        }

        if (column == _map.TimeOfDay)
        {
            return "timestamp (the time of day)";
        }

        if (column == _type)
        {
            IEnumerable<string> types = _typeRows.Where(pair => pair.Key.Length > 0).OrderByDescending(pair => pair.Value.Count).Take(8)
                .Select(pair => $"{(pair.Key == pair.Value.Type ? pair.Key : $"{pair.Key} = {pair.Value.Type ?? "unknown"}")} {Terminal.Number(pair.Value.Count)}");
            return $"type ({string.Join(", ", types)})";
        }

        if (column == _value)
        {
            return scale.Length > 0 ? $"value ({scale})"
                : _unreadRatings > 0 ? "value (no rating can be read)"
                : "value (an amount, which is kept but changes no weight)";
        }

        return _map.FieldOf(column) is { } field ? field : ColumnText.Ignored(_map, column);
    }

    private RowProblem UnknownType(string name)
    {
        string text = name.Length == 0 ? $"is empty; name the type of rows without one with --type: {_types.Text}" : $"'{name}' is unknown; read it with --types {name}={_types.Guess(name)}, or leave it out with --types {name}={KnownTypes.Ignore}";
        return new RowProblem(text).In("type");
    }

    private void WarnOfTypes(Detection found)
    {
        string[] unknown = [.. _typeRows.Where(pair => pair.Key.Length > 0 && pair.Value.Type is null).OrderByDescending(pair => pair.Value.Count).Select(pair => pair.Key)];
        if (unknown.Length > 0)
        {
            long count = unknown.Sum(name => _typeRows[name].Count);
            found.Warnings.Add(
                $"type: {Terminal.Number(count)} rows have types that are unknown; map them, such as --types {string.Join(",", unknown.Take(8).Select(name => $"{name}={_types.Guess(name)}"))}; the types are {_types.Text}, and {KnownTypes.Ignore}");
        }

        string[] known = [.. _typeRows.Where(pair => pair.Value.Type is not (null or KnownTypes.Ignore)).Select(pair => pair.Value.Type!).Distinct()];
        if (_type >= 0 && known.Length == 1 && unknown.Length == 0 && _observed > HandwrittenRowsMax)
        {
            found.Warnings.Add($"type: all rows are of the type {known[0]}");
        }
    }

    private void WarnOfTimes(Detection found, long rows, DateTimeOffset now)
    {
        if (_options.IsTimestampNow)
        {
            found.Defaults.Add("timestamp → the time of the import for all rows (--timestamp now)");
            return;
        }

        if (_time is null)
        {
            string[] like = [.. _timeLike.Where(pair => pair.Value.Times > 0 && pair.Value.Times * 2 >= pair.Value.Values).Select(pair => _map.Headers[pair.Key])];
            string hint = like.Length > 0
                ? $"'{like[0]}' looks like one: name it with --map timestamp={like[0]}"
                : "name it with --map timestamp=COLUMN, or --timestamp now if they happen now";
            const string What = "no column contains times: all rows would count as happening now, and trends and training would be wrong";
            found.Defaults.Add("timestamp → the time of the import for all rows (no column)");
            if (rows > HandwrittenRowsMax || like.Length > 0)
            {
                found.Refusal ??= $"timestamp: {What}; {hint}";
            }
            else if (rows > 0)
            {
                found.Warnings.Add($"TIMESTAMP: no column contains times: all {Terminal.Number(rows)} rows count as happening now; {hint}");
            }

            return;
        }

        foreach ((long count, string text) in _time.Problems.OrderByDescending(problem => problem.Count))
        {
            found.Warnings.Add($"timestamp: {Terminal.Number(count)} rows: {text}");
        }

        if (_map.UnreadTimeOfDay is >= 0 and int unread && _time.HasDatesOnly)
        {
            found.Warnings.Add(
                $"timestamp: '{_map.Headers[unread]}' may be the time of day, but not all of its values are times such as 23:59:59: it is ignored, and all times are 00:00; --map timestamp={_map.Headers[_map["timestamp"]]}+{_map.Headers[unread]} reads both, with their --time-format, such as \"yyyy-MM-dd H\"");
        }

        if (_time.Missing > 0)
        {
            found.Warnings.Add($"timestamp: {Terminal.Number(_time.Missing)} rows have none and count as happening now");
        }

        if (_time.Zeros > 0)
        {
            found.Warnings.Add($"timestamp: {Terminal.Number(_time.Zeros)} times are 1970-01-01 00:00:00, which programs write for 'no time'; these rows count as that old");
        }

        if (_time.Count == 0)
        {
            return;
        }

        bool isNow = _time.First >= now - NowTolerance && _time.Last <= now + NowTolerance;
        if (isNow)
        {
            const string What = "all times are within a minute of now, as if they were the time of writing the file, and trends and training would be wrong";
            if (rows > HandwrittenRowsMax)
            {
                found.Refusal ??= $"timestamp: {What}; name the column of the true times with --map timestamp=COLUMN, or --timestamp now if they happen now";
            }
            else
            {
                found.Warnings.Add("TIMESTAMP: all times are within a minute of now");
            }
        }
        else if (_time.First == _time.Last && _time.Count > HandwrittenRowsMax)
        {
            found.Warnings.Add($"timestamp: all times are equal ({_time.First.UtcDateTime:yyyy-MM-dd HH:mm:ss}): trends and training cannot tell old from new");
        }
    }

    private void CountTimes(Cell[] cells)
    {
        foreach (int column in _map.Others)
        {
            if (cells[column].Text is { } text)
            {
                (int times, int values) = _timeLike.GetValueOrDefault(column);
                bool isTime = TimeText.Read(text, out _, out _) is null || TimeText.IsAmbiguous(text);
                _timeLike[column] = (times + (isTime ? 1 : 0), values + 1);
            }
        }
    }

    /// <summary>The rows of a type.</summary>
    private sealed class TypeRows(string? type)
    {
        /// <summary>Gets the server's name of the type; null if it is not known.</summary>
        public string? Type { get; } = type;

        public long Count { get; set; }
    }
}

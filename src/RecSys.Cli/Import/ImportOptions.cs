namespace RecSys.Cli.Import;

/// <summary>The user's options for a file; null for values that are detected.</summary>
internal sealed record ImportOptions
{
    /// <summary>The share of refused rows above which the command fails.</summary>
    public const double AllowRefusedDefault = 0.01;

    private static readonly IReadOnlyDictionary<string, string> Nothing = new Dictionary<string, string>(StringComparer.Ordinal);

    /// <summary>Gets the pairs <c>field=column</c>.</summary>
    public IReadOnlyDictionary<string, string> Map { get; init; } = Nothing;

    /// <summary>Gets the type of interactions without one; null: detected from the columns.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the pairs <c>their type=ours</c>; <see cref="KnownTypes.Ignore"/> leaves rows out.</summary>
    public IReadOnlyDictionary<string, string> Types { get; init; } = Nothing;

    /// <summary>Gets the scale of the ratings; null: detected from the values.</summary>
    public RatingScale? Scale { get; init; }

    /// <summary>Gets the format of times; null: the unambiguous ones.</summary>
    public TimeFormat? TimeFormat { get; init; }

    /// <summary>Gets whether prices and ratings have a decimal comma, such as 1.234,50.</summary>
    public bool HasDecimalComma { get; init; }

    /// <summary>Gets whether interactions get the time of the import.</summary>
    public bool IsTimestampNow { get; init; }

    /// <summary>Gets the words that mean an empty field; none if empty; null: known words are reported (<see cref="NullWords"/>).</summary>
    public IReadOnlyCollection<string>? Nulls { get; init; }

    /// <summary>Gets the separator of lists in one field; U+0000 if fields contain no lists; null: detected.</summary>
    public char? ListSeparator { get; init; }

    /// <summary>Gets whether fields of CSV may be quoted.</summary>
    public bool HasQuotes { get; init; } = true;

    /// <summary>Gets the separator of the fields of a CSV, in UTF-8; null: detected.</summary>
    public byte[]? Separator { get; init; }

    /// <summary>Gets the names of the columns of a CSV without a header.</summary>
    public IReadOnlyList<string>? Columns { get; init; }

    /// <summary>Gets the file's encoding; null: detected from its first bytes.</summary>
    public string? Encoding { get; init; }
}

namespace RecSys.Cli.Import;

/// <summary>A field of a row, and the names that columns of files have for it.</summary>
/// <param name="Name">Name of the field, as in the HTTP bodies.</param>
/// <param name="Columns">The names, in the form of <see cref="Names.Plain"/>, the most specific first; the field's own name precedes them.</param>
internal sealed record Field(string Name, params string[] Columns)
{
    /// <summary>Gets whether the column stays a label where its values do not follow the field's rule.</summary>
    public bool MayBeLabel { get; init; }

    /// <summary>Gets whether a row must have the field.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Gets whether the field occurs only in JSON lines, as an export writes them.</summary>
    public bool IsJson { get; init; }

    /// <summary>Gets whether the field is true or false, and may be the opposite of a column.</summary>
    public bool IsFlag => Name is "hidden" or "consent";

    /// <summary>Gets whether the field is an id.</summary>
    public bool IsId => Name is "userId" or "itemId" or "id";

    /// <summary>Gets whether an array of JSON is a value of the field.</summary>
    public bool MayBeList { get; init; }
}

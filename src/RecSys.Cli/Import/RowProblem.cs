namespace RecSys.Cli.Import;

/// <summary>The reason why a row is refused.</summary>
/// <param name="Cause">The cause, the same for all rows that are refused for it: rows are counted by it.</param>
/// <param name="Text">The problem of this row: field, value, rule and remedy.</param>
internal sealed record RowProblem(string Cause, string Text)
{
    /// <summary>Creates a problem whose text is the same for all of its rows.</summary>
    public RowProblem(string text)
        : this(text, text)
    {
    }

    /// <summary>Returns the problem of a value that breaks a rule, such as "must be a number".</summary>
    public static RowProblem Of(string rule, string value) => new(rule, $"'{value}' {rule}");

    /// <summary>Returns the problem with a field's name.</summary>
    public RowProblem In(string field) => new($"{field}: {Cause}", $"{field}: {Text}");
}

namespace RecSys.Cli.Import;

/// <summary>The form of a cell.</summary>
internal enum CellKind : byte
{
    /// <summary>The row has no value: the field is empty or absent.</summary>
    Absent,

    /// <summary>A text: each field of a CSV file, and a string of JSON.</summary>
    Text,

    /// <summary>A number of JSON.</summary>
    Number,

    /// <summary>True or false of JSON.</summary>
    Flag,

    /// <summary>An array of JSON.</summary>
    Array,

    /// <summary>An object of JSON.</summary>
    Object,
}

/// <summary>The value of a row in a column.</summary>
/// <param name="Kind">The form of the value.</param>
/// <param name="Text">The text, or the JSON as it is written; null if absent.</param>
internal readonly record struct Cell(CellKind Kind, string? Text)
{
    /// <summary>Returns the cell of a text; an empty text is absent.</summary>
    public static Cell Of(string text) => text.Length == 0 ? default : new Cell(CellKind.Text, text);
}

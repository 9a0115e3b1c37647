namespace RecSys.Cli.Import;

/// <summary>The names of columns in reports.</summary>
internal static class ColumnText
{
    /// <summary>Returns the header of a column, or its number if the header is empty.</summary>
    public static string Name(ColumnMap map, int column) => map.Headers[column].Length > 0 ? map.Headers[column] : $"(column {column + 1}, unnamed)";

    /// <summary>Returns the reason why a column is ignored, as text.</summary>
    public static string Ignored(ColumnMap map, int column) =>
        ColumnMap.IsIndex(map.Headers[column]) ? "ignored (an index)"
        : map.Headers.Take(column).Contains(map.Headers[column]) ? "ignored (an earlier column has this name)"
        : "ignored";
}

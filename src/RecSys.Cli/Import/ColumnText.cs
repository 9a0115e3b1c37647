namespace RecSys.Cli.Import;

/// <summary>How columns are named in reports.</summary>
internal static class ColumnText
{
    /// <summary>The header of a column, or its number where it has none.</summary>
    public static string Name(ColumnMap map, int column) => map.Headers[column].Length > 0 ? map.Headers[column] : $"(column {column + 1}, unnamed)";

    /// <summary>Says that a column is ignored, and why.</summary>
    public static string Ignored(ColumnMap map, int column) =>
        ColumnMap.IsIndex(map.Headers[column]) ? "ignored (an index)"
        : map.Headers.Take(column).Contains(map.Headers[column]) ? "ignored (an earlier column has this name)"
        : "ignored";
}

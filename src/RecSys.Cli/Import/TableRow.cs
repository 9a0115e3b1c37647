namespace RecSys.Cli.Import;

/// <summary>A row of a file before its fields are detected.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Cells">One cell per column; valid until the next row is read. Shorter than the columns if the row lacks the last ones.</param>
/// <param name="Problem">Why the row cannot be read; null if it can.</param>
internal readonly record struct TableRow(long Line, Cell[] Cells, RowProblem? Problem);

namespace RecSys.Cli.Import;

/// <summary>A row of a file: its body, or the problem, or neither if it is left out.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Body">The HTTP body that the row becomes.</param>
/// <param name="Problem">Why the row is refused.</param>
internal readonly record struct ImportRow(long Line, object? Body, RowProblem? Problem);

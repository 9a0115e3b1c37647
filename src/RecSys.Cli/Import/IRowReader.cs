namespace RecSys.Cli.Import;

/// <summary>Detects the fields of a file's columns in a first pass, and converts its rows to bodies in a second.</summary>
internal interface IRowReader
{
    /// <summary>Reads a row in the first pass.</summary>
    void Look(Cell[] cells);

    /// <summary>Decides how the rows are read, after the first pass.</summary>
    /// <param name="rows">How many rows the file has.</param>
    /// <param name="now">The time of the import.</param>
    Understanding Understand(long rows, DateTimeOffset now);

    /// <summary>Makes the body of a row, in the second pass.</summary>
    /// <returns>The body; or the problem; or neither if the row is left out.</returns>
    (object? Body, RowProblem? Problem) Make(Cell[] cells);
}

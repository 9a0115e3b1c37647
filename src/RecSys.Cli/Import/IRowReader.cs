namespace RecSys.Cli.Import;

/// <summary>Detects the fields of a file's columns in a first pass, and converts its rows to bodies in a second.</summary>
internal interface IRowReader
{
    /// <summary>Adds a row's values to the statistics of its columns, in the first pass.</summary>
    void Observe(Cell[] cells);

    /// <summary>Decides how the second pass reads the columns; called once, after the first pass.</summary>
    /// <param name="rows">How many rows the file has.</param>
    /// <param name="now">The time of the import.</param>
    Detection Detect(long rows, DateTimeOffset now);

    /// <summary>Parses a row into the body of its request, in the second pass.</summary>
    /// <returns>The body; or the problem of an invalid row; or neither for a row that the user's options leave out.</returns>
    (object? Body, RowProblem? Problem) Parse(Cell[] cells);
}

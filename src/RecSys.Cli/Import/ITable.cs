namespace RecSys.Cli.Import;

/// <summary>A file as rows and columns.</summary>
internal interface ITable
{
    /// <summary>Gets the format in a few words, such as <c>comma, UTF-8</c>.</summary>
    string Format { get; }

    /// <summary>Gets the names of the columns as the file writes them; one without a name is empty.</summary>
    IReadOnlyList<string> Columns { get; }

    /// <summary>Reads the rows in order.</summary>
    /// <param name="reading">Receives the progress, and why the file could not be read to its end.</param>
    IEnumerable<TableRow> Read(Reading reading);
}

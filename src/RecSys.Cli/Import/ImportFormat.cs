namespace RecSys.Cli.Import;

/// <summary>The formats that can be imported.</summary>
internal static class ImportFormat
{
    /// <summary>The names of the formats on the command line.</summary>
    public static readonly string[] Names = ["csv", "jsonl", "movielens-100k", "movielens"];

    /// <summary>Returns the parts of an import.</summary>
    /// <param name="format">A name of <see cref="Names"/>, or null to detect it from the file's name.</param>
    /// <param name="kind">Kind of the rows; the folder of a data set contains all of its kinds.</param>
    /// <param name="path">The file or the data set's folder.</param>
    /// <param name="options">The options of the user.</param>
    /// <exception cref="CommandException">The format does not fit the path.</exception>
    public static IReadOnlyList<ImportPart> Parts(string? format, ImportKind kind, string path, ImportOptions options) =>
        (format ?? Guess(path)) switch
        {
            "csv" => [TablePart.Csv(kind, Files.Require(path), options)],
            "jsonl" => [TablePart.JsonLines(kind, Files.Require(path), options)],
            "movielens-100k" => MovieLens100KFormat.Parts(path),
            "movielens" => MovieLensFormat.Parts(path, options),
            string other => throw new CommandException($"there is no format '{other}'; the formats are {string.Join(", ", Names)}", ExitCodes.WrongUsage),
        };

    private static string Guess(string path) =>
        File.Exists(Path.Combine(path, "u.data")) ? "movielens-100k"
        : File.Exists(Path.Combine(path, "ratings.csv")) ? "movielens"
        : path == "-" ? "csv" // refused as a pipe
        : Path.GetExtension(ImportFile.Unpacked(path)).ToLowerInvariant() switch
        {
            ".jsonl" or ".ndjson" or ".json" => "jsonl",
            ".csv" or ".tsv" or ".tab" => "csv",
            _ => throw new CommandException(
                $"{path}: its name does not show its format; set --format {string.Join(" | ", Names)}", ExitCodes.WrongUsage),
        };
}

namespace RecSys.Cli.Import;

/// <summary>The formats that can be imported.</summary>
internal static class ImportFormat
{
    /// <summary>Their names on the command line.</summary>
    public static readonly string[] Names = ["csv", "jsonl", "movielens-100k", "movielens"];

    /// <summary>The parts of an import.</summary>
    /// <param name="format">A name of <see cref="Names"/>, or null to go by the file's name.</param>
    /// <param name="kind">Kind of the rows; the folder of a data set holds all of its kinds.</param>
    /// <param name="path">The file or the data set's folder.</param>
    /// <param name="map">Pairs <c>field=column</c> for CSV.</param>
    /// <param name="type">The type of interactions for CSV without a column for it.</param>
    /// <exception cref="CommandException">The format does not fit the path.</exception>
    public static IReadOnlyList<ImportPart> Parts(
        string? format, ImportKind kind, string path, IReadOnlyDictionary<string, string> map, string? type) =>
        (format ?? Guess(path)) switch
        {
            "csv" => [CsvFormat.Part(kind, Files.Require(path), map, type)],
            "jsonl" => [JsonLinesFormat.Part(kind, Files.Require(path))],
            "movielens-100k" => MovieLens100KFormat.Parts(path),
            "movielens" => MovieLensFormat.Parts(path),
            string other => throw new CommandException($"there is no format '{other}'; the formats are {string.Join(", ", Names)}", ExitCodes.WrongUsage),
        };

    private static string Guess(string path) =>
        File.Exists(Path.Combine(path, "u.data")) ? "movielens-100k"
        : File.Exists(Path.Combine(path, "ratings.csv")) ? "movielens"
        : Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".jsonl" or ".ndjson" => "jsonl",
            ".csv" or ".tsv" => "csv",
            _ => throw new CommandException(
                $"{path}: cannot tell its format from its name; say --format {string.Join(" | ", Names)}", ExitCodes.WrongUsage),
        };
}

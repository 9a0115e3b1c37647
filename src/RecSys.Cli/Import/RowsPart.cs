namespace RecSys.Cli.Import;

/// <summary>A file of a data set whose columns are known.</summary>
/// <param name="kind">The kind of its rows.</param>
/// <param name="path">Path of the file.</param>
/// <param name="read">Reads its rows.</param>
internal sealed class RowsPart(ImportKind kind, string path, Func<Reading, IEnumerable<ImportRow>> read) : ImportPart(kind, path)
{
    /// <inheritdoc/>
    public override void Check()
    {
    }

    /// <inheritdoc/>
    public override ImportPlan Plan(KnownTypes types, DateTimeOffset now, Action<double>? progress = null) =>
        new("data set", 0, new Detection(), new Reading(), read);
}

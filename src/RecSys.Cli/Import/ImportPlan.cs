namespace RecSys.Cli.Import;

/// <summary>The plan of an import, made before the first write.</summary>
/// <param name="Format">The format in a few words.</param>
/// <param name="Rows">How many rows the file has; 0 for a file of a data set, which has no first pass.</param>
/// <param name="Found">The detected fields of its columns.</param>
/// <param name="Scan">The counts of the first pass over the file.</param>
/// <param name="Read">Reads the rows in order, in a further pass.</param>
internal sealed record ImportPlan(string Format, long Rows, Detection Found, Reading Scan, Func<Reading, IEnumerable<ImportRow>> Read);

namespace RecSys.Cli.Import;

/// <summary>How a file will be imported: known before anything is written.</summary>
/// <param name="Format">The format in a few words.</param>
/// <param name="Rows">How many rows the file has.</param>
/// <param name="Found">How its columns are understood.</param>
/// <param name="Scan">What the first pass over the file noticed.</param>
/// <param name="Read">Reads the rows in order, in a further pass.</param>
internal sealed record ImportPlan(string Format, long Rows, Understanding Found, Reading Scan, Func<Reading, IEnumerable<ImportRow>> Read);

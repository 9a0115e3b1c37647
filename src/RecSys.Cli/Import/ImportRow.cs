namespace RecSys.Cli.Import;

/// <summary>A row of a file: its body, or the problem.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Body">The HTTP body it becomes; null where there is a problem.</param>
/// <param name="Problem">The problem, with field and limit.</param>
internal readonly record struct ImportRow(long Line, object? Body, string? Problem)
{
    /// <summary>A row that can be sent.</summary>
    public static ImportRow Of(long line, object body) => new(line, body, null);

    /// <summary>A row that cannot.</summary>
    public static ImportRow Refused(long line, string problem) => new(line, null, problem);
}

namespace RecSys.Cli.Import;

/// <summary>A file of an import: rows of one kind.</summary>
internal abstract class ImportPart(ImportKind kind, string path)
{
    private const int NameShownMax = 28;

    /// <summary>Gets the kind of its rows.</summary>
    public ImportKind Kind { get; } = kind;

    /// <summary>Gets the file.</summary>
    public string Path { get; } = path;

    /// <summary>Gets the file's name without its folder.</summary>
    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Gets the name with its middle left out where it is long, for lines and tables of a terminal.</summary>
    public string ShortName => Name.Length <= NameShownMax ? Name : $"{Name[..(NameShownMax / 2)]}…{Name[^((NameShownMax / 2) - 1)..]}";

    /// <summary>Reads the header, if the file has one, so that options that do not fit the file are refused before a server is needed.</summary>
    /// <exception cref="CommandException">The file cannot be opened, or the columns do not fit.</exception>
    public abstract void Check();

    /// <summary>Decides how the file is imported. A file whose columns must be detected is read once for this.</summary>
    /// <param name="types">The types of interactions that the server takes.</param>
    /// <param name="now">The time of the import.</param>
    /// <param name="progress">Called with the share of the file that was read, 0 to 1.</param>
    /// <exception cref="CommandException">The file cannot be opened, or the columns do not fit.</exception>
    public abstract ImportPlan Plan(KnownTypes types, DateTimeOffset now, Action<double>? progress = null);
}

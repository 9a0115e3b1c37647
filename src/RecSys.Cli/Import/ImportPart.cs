namespace RecSys.Cli.Import;

/// <summary>A file of an import: rows of one kind, read on demand.</summary>
internal sealed class ImportPart(ImportKind kind, string path, Func<Stream, IEnumerable<ImportRow>> read)
{
    /// <summary>Gets the kind of its rows.</summary>
    public ImportKind Kind { get; } = kind;

    /// <summary>The file.</summary>
    public string Path { get; } = path;

    /// <summary>Opens the file for <see cref="Read"/>; its position shows the progress.</summary>
    /// <exception cref="CommandException">The file cannot be opened.</exception>
    public Stream Open()
    {
        try
        {
            return new FileStream(
                Path, new FileStreamOptions { Access = FileAccess.Read, Share = FileShare.Read, Options = FileOptions.SequentialScan, BufferSize = 1 << 16 });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"{Path}: cannot be read: {error.Message}");
        }
    }

    /// <summary>Reads the rows in order.</summary>
    public IEnumerable<ImportRow> Read(Stream stream) => read(stream);
}

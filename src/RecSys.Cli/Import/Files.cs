namespace RecSys.Cli.Import;

/// <summary>Files that a command needs.</summary>
internal static class Files
{
    /// <summary>The rule that a pipe or standard input breaks.</summary>
    public const string PipeRule = "is a pipe, but an import reads its file twice; write the rows to a file, and import that";

    /// <summary>Returns the path of a file in a folder.</summary>
    /// <exception cref="CommandException">The file does not exist.</exception>
    public static string Require(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? path : throw new CommandException($"{folder}: has no {name}; is it the data set's folder?");
    }

    /// <summary>Returns a file's path.</summary>
    /// <exception cref="CommandException">The folder does not exist.</exception>
    public static string Require(string path) =>
        path == "-" ? throw new CommandException($"{path}: {PipeRule}")
        : File.Exists(path) ? path
        : throw new CommandException($"{path}: no such file");
}

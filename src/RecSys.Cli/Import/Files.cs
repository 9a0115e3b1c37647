namespace RecSys.Cli.Import;

/// <summary>Files that a command needs.</summary>
internal static class Files
{
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
        File.Exists(path) ? path : throw new CommandException($"{path}: no such file");
}

namespace RecSys.Cli.Hosting;

/// <summary>Lets an installation keep its models in a folder that other nodes use too: its own folder of models becomes a symbolic link, which all commands follow.</summary>
internal static class SharedModels
{
    /// <summary>Links the installation's folder of models to a folder, which is created if it does not exist.</summary>
    /// <exception cref="CommandException">The installation has models of its own or a link to another folder, or the file system refuses the link.</exception>
    public static void Link(InstallationFiles files, string folder)
    {
        string target = Path.GetFullPath(folder);
        DirectoryInfo own = new(files.Models);
        if (own.LinkTarget is { } link)
        {
            string linked = Path.GetFullPath(link, files.Folder);
            if (linked != target)
            {
                throw new CommandException($"--models: {files.Models} is a link to {linked}; remove the link to use {target}");
            }

            return;
        }

        try
        {
            if (own.Exists && own.EnumerateFileSystemInfos().Any())
            {
                throw new CommandException($"--models: {files.Models} has models of its own; move its files to {target} and remove the folder");
            }

            Directory.CreateDirectory(target);
            if (own.Exists)
            {
                own.Delete();
            }

            Directory.CreateSymbolicLink(files.Models, target);
        }
        catch (Exception refused) when (refused is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--models: {files.Models} cannot be linked to {target}: {refused.Message}");
        }
    }
}

using System.Formats.Tar;

namespace RecSys.Eng.Servers;

/// <summary>An older version of the program, from a folder or built from a commit.</summary>
internal static class PublishedProgram
{
    private const string Project = "src/RecSys.Cli";

    private static readonly TimeSpan ArchiveMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan PublishMax = TimeSpan.FromMinutes(10);

    /// <summary>Returns the path of the program of an older version.</summary>
    /// <param name="from">The folder into which it was published, or a commit of this repository, which is published now.</param>
    /// <param name="folder">The folder for the sources and the program of a commit.</param>
    /// <param name="cancellationToken">Cancels the build.</param>
    /// <exception cref="InvalidOperationException">There is no such commit, it cannot be built, or the folder has no program.</exception>
    public static async Task<string> GetAsync(string from, string folder, CancellationToken cancellationToken)
    {
        string published = Directory.Exists(from) ? Path.GetFullPath(from) : await PublishAsync(from, folder, cancellationToken);
        string program = Path.Combine(published, Path.GetFileName(ServerUnderTest.Program));
        return File.Exists(program) ? program : throw new InvalidOperationException($"{published} has no {Path.GetFileName(program)}: it must be a folder of dotnet publish");
    }

    private static async Task<string> PublishAsync(string commit, string folder, CancellationToken cancellationToken)
    {
        string sources = Directory.CreateDirectory(Path.Combine(folder, "sources")).FullName;
        string archive = Path.Combine(folder, "sources.tar");
        string published = Path.Combine(folder, "published");
        await RunAsync("git", ["archive", "--output", archive, commit], Repository.Root, ArchiveMax, cancellationToken);
        await TarFile.ExtractToDirectoryAsync(archive, sources, overwriteFiles: false, cancellationToken);
        await RunAsync("dotnet", ["publish", Project, "-c", "Release", "-o", published, "-v", "q", "--nologo"], sources, PublishMax, cancellationToken);
        return published;
    }

    private static async Task RunAsync(string program, string[] arguments, string folder, TimeSpan timeout, CancellationToken cancellationToken)
    {
        CommandRun run = await CommandRun.RunAsync(program, arguments, folder, timeout, cancellationToken);
        if (run.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {run.ExitCode?.ToString(System.Globalization.CultureInfo.InvariantCulture) ?? "a timeout"}:\n{run.Output}");
        }
    }
}

using System.Text.RegularExpressions;
using RecSys.Eng.Servers;

namespace RecSys.Eng.Mutations;

/// <summary>Applies each mutation of the table to a copy of the checkout, compiles the project that it is in, and runs the fast tests of one test project on it.</summary>
/// <remarks>
/// The copy contains the files that git tracks or would add, and their build outputs. The test project is compiled once: a mutation changes no signature, and its assembly takes the place
/// of the original. A test kills a mutation only if it fails on it once more by itself, and passes by itself on the original.
/// </remarks>
internal sealed partial class MutationRun
{
    private const string Configuration = "Debug";

    private static readonly TimeSpan BuildMax = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TestsMax = TimeSpan.FromMinutes(4);

    private readonly string _copy;
    private readonly HashSet<string> _built = [];

    private MutationRun(string copy) => _copy = copy;

    /// <summary>Runs the table and reports it.</summary>
    /// <param name="only">Runs only mutations whose rule or file contains one of these, separated by |; null: all.</param>
    /// <param name="isCheck">Whether the table is only compared with the code.</param>
    /// <param name="report">Receives the table.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>0 if every mutation was killed, else 1.</returns>
    public static async Task<int> RunAsync(string? only, bool isCheck, Report report, CancellationToken cancellationToken)
    {
        Mutation[] mutations = [.. MutationTable.All
            .Where(mutation => only is null || only.Split('|').Any(text =>
                mutation.Rule.Contains(text, StringComparison.Ordinal) || mutation.File.Contains(text, StringComparison.Ordinal)))];
        string[] misfits = [.. mutations.Select(mutation => (mutation, Misfit: MisfitOf(mutation))).Where(pair => pair.Misfit is not null)
            .Select(pair => $"{pair.mutation.File}: {pair.Misfit}: {pair.mutation.Before}")];
        if (misfits.Length > 0)
        {
            await Console.Error.WriteLineAsync($"the table no longer fits the code:\n{string.Join('\n', misfits)}");
            return 1;
        }

        if (isCheck)
        {
            await Console.Out.WriteLineAsync($"{mutations.Length} mutations fit the code");
            return 0;
        }

        DirectoryInfo scratch = Directory.CreateTempSubdirectory("recsys-mutations-");
        try
        {
            MutationRun run = new(scratch.FullName);
            await run.CopyAsync(cancellationToken);
            Dictionary<Mutation, string> results = [];
            foreach (Mutation mutation in mutations)
            {
                long began = TimeProvider.System.GetTimestamp();
                await run.RequireBuiltAsync(mutation.Tests, cancellationToken);
                results[mutation] = await run.TryAsync(mutation, cancellationToken);
                await Console.Error.WriteLineAsync(
                    $"{mutation.Rule}: {results[mutation]} ({TimeProvider.System.GetElapsedTime(began).TotalSeconds:0} s)");
            }

            return Write(mutations, results, report);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    private static int Write(Mutation[] mutations, Dictionary<Mutation, string> results, Report report)
    {
        int killed = results.Values.Count(result => result.StartsWith('`'));
        report.Line($"{Report.Date()}: {killed} of {results.Count} mutations are killed by a fast test.");
        report.Line("");
        report.Row("rule", "file", "killed by", "otherwise");
        report.Line("|---|---|---|---|");
        foreach (Mutation mutation in mutations)
        {
            report.Row(mutation.Rule, $"`{Path.GetFileName(mutation.File)}`", results[mutation], mutation.Why);
        }

        report.Save();
        return killed == results.Count ? 0 : 1;
    }

    private static string? MisfitOf(Mutation mutation)
    {
        string path = Path.Combine(Repository.Root, mutation.File);
        return File.Exists(path) ? mutation.Misfit(File.ReadAllText(path)) : "there is no such file";
    }

    private async Task CopyAsync(CancellationToken cancellationToken)
    {
        CommandRun list = await CommandRun.RunAsync(
            "git", ["ls-files", "--cached", "--others", "--exclude-standard"], Repository.Root, BuildMax, cancellationToken);
        foreach (string file in list.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(file => File.Exists(Path.Combine(Repository.Root, file))))
        {
            string copy = Path.Combine(_copy, file);
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(Path.Combine(Repository.Root, file), copy);
        }

        // Existing build outputs are reused.
        IEnumerable<string> projects = ((string[])["src", "tests"]).SelectMany(folder => Directory.EnumerateDirectories(Path.Combine(Repository.Root, folder)));
        foreach (string output in projects.SelectMany(project => (string[])[Path.Combine(project, "obj"), Path.Combine(project, "bin", Configuration)]).Where(Directory.Exists))
        {
            Folders.Copy(output, Path.Combine(_copy, Path.GetRelativePath(Repository.Root, output)));
        }
    }

    private async Task RequireBuiltAsync(string project, CancellationToken cancellationToken)
    {
        if (_built.Add(project) && await BuildAsync($"tests/{project}", [], cancellationToken) is { } error)
        {
            throw new InvalidOperationException($"{project} does not build unchanged: {error}");
        }
    }

    private async Task<string> TryAsync(Mutation mutation, CancellationToken cancellationToken)
    {
        string path = Path.Combine(_copy, mutation.File);
        string mutated = mutation.File.Split('/')[1];
        string assembly = Path.Combine(BinOf("tests", mutation.Tests), $"{mutated}.dll");
        string original = $"{assembly}.original";
        string text = await File.ReadAllTextAsync(path, cancellationToken);
        File.Copy(assembly, original, overwrite: true);
        await File.WriteAllTextAsync(path, text.Replace(mutation.Before, mutation.After, StringComparison.Ordinal), cancellationToken);
        try
        {
            if (await BuildAsync($"src/{mutated}", ["--no-restore", "--no-dependencies"], cancellationToken) is { } error)
            {
                return $"DOES NOT BUILD: {error}";
            }

            File.Copy(Path.Combine(BinOf("src", mutated), $"{mutated}.dll"), assembly, overwrite: true);
            return await KillerAsync(mutation, assembly, original, cancellationToken) is { } killer ? $"`{killer}`" : "SURVIVED";
        }
        finally
        {
            await File.WriteAllTextAsync(path, text, CancellationToken.None);
            File.Move(original, assembly, overwrite: true);
        }
    }

    private async Task<string?> KillerAsync(Mutation mutation, string assembly, string original, CancellationToken cancellationToken)
    {
        foreach (string[] tests in (string[][])[["--filter-class", $"*.{mutation.First}", "--stop-on-fail", "on"], ["--stop-on-fail", "on"]])
        {
            if (await TestAsync(mutation.Tests, tests, cancellationToken) is not { } failed)
            {
                continue;
            }

            string method = failed.Split('(')[0];
            string[] alone = ["--filter-method", method];
            if (await TestAsync(mutation.Tests, alone, cancellationToken) is null)
            {
                continue; // by chance, or because of another test
            }

            string mutant = $"{assembly}.mutant";
            File.Move(assembly, mutant);
            File.Copy(original, assembly);
            bool passes = await TestAsync(mutation.Tests, alone, cancellationToken) is null;
            File.Move(mutant, assembly, overwrite: true);
            if (passes)
            {
                return method[(method.LastIndexOf('.', method.LastIndexOf('.') - 1) + 1)..];
            }
        }

        return null;
    }

    // The first error, or null.
    private async Task<string?> BuildAsync(string project, string[] options, CancellationToken cancellationToken)
    {
        CommandRun build = await CommandRun.RunAsync(
            "dotnet",
            ["build", project, "-c", Configuration, "-v", "q", "-nologo", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", .. options],
            _copy,
            BuildMax,
            cancellationToken);
        return build.ExitCode == 0 ? null
            : build.Output.Split('\n').FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal))?.Replace(_copy, "", StringComparison.Ordinal) ?? "the build reports no error";
    }

    private string BinOf(string folder, string project) => Path.Combine(_copy, folder, project, "bin", Configuration, "net10.0");

    // The name of the test that failed, or null.
    private async Task<string?> TestAsync(string project, string[] options, CancellationToken cancellationToken)
    {
        string program = Path.Combine(BinOf("tests", project), project);
        string[] arguments = ["--filter-not-trait", "Category=Slow", "--progress", "off", "--ansi", "off", .. options];
        CommandRun run = await CommandRun.RunAsync(program, arguments, _copy, TestsMax, cancellationToken);
        return run.ExitCode switch
        {
            0 => null,
            null => "(the tests do not end)",
            _ => FailedTest().Match(run.Output) is { Success: true } failed ? failed.Groups[1].Value : $"(exit code {run.ExitCode})",
        };
    }

    [GeneratedRegex(@"^failed (\S+)", RegexOptions.Multiline)]
    private static partial Regex FailedTest();
}

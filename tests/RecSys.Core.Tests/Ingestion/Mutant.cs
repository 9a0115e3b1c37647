using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Emit;

namespace RecSys.Core.Tests.Ingestion;

/// <summary>The protocol without one of its rules, compiled together with the simulation, which must find a violation.</summary>
/// <param name="Rule">The rule as a text.</param>
/// <param name="Edits">Edits that remove it.</param>
public sealed record Mutant(string Rule, params Edit[] Edits)
{
    private const string SimulationType = "RecSys.Core.Tests.Ingestion.Simulation.SimRun";
    private const string Usings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    private static readonly CSharpParseOptions Language = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.CSharp14);

    private static readonly Lazy<Dictionary<string, string>> Sources = new(ReadSources);

    private static readonly Lazy<Dictionary<string, SyntaxTree>> Trees = new(() =>
        Sources.Value.ToDictionary(source => source.Key, source => Parse(source.Value), StringComparer.Ordinal));

    private static readonly Lazy<MetadataReference[]> References = new(() =>
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!)
            .Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path) is { } name
                && (name.StartsWith("System.", StringComparison.Ordinal) || name is "RecSys.Core.dll" or "RecSys.Numerics.dll"))
            .Select(path => MetadataReference.CreateFromFile(path)),
    ]);

    /// <summary>Returns the edits whose text does not occur exactly once in its file.</summary>
    public IEnumerable<Edit> Misfits() => Edits.Where(edit => !edit.Fits(Sources.Value));

    /// <summary>Runs seeds until one violates an invariant.</summary>
    /// <returns>The violation, or null if none was found; and how many steps it took.</returns>
    public (string? Violation, long Steps) Run(ulong fromSeed, int seeds, long faultSteps)
    {
        AssemblyLoadContext context = new(Rule, isCollectible: true);
        try
        {
            MethodInfo run = Compile(context).GetType(SimulationType, throwOnError: true)!.GetMethod("Run")!;
            long steps = 0;
            for (ulong seed = fromSeed; seed < fromSeed + (ulong)seeds; seed++)
            {
                object?[] arguments = [seed, faultSteps, new Dictionary<string, long>(StringComparer.Ordinal), 0L];
                string? violation;
                try
                {
                    violation = (string?)run.Invoke(null, arguments);
                    steps += (long)arguments[3]!;
                }
                catch (TargetInvocationException thrown)
                {
                    violation = $"seed {seed} ended with {thrown.InnerException!.GetType().Name}: {thrown.InnerException.Message}";
                }

                if (violation is not null)
                {
                    return (violation, steps);
                }
            }

            return (null, steps);
        }
        finally
        {
            context.Unload();
        }
    }

    private Assembly Compile(AssemblyLoadContext context)
    {
        Dictionary<string, string> sources = new(Sources.Value, StringComparer.Ordinal);
        foreach (Edit edit in Edits)
        {
            sources[edit.File] = sources[edit.File].Replace(edit.Text, edit.Replacement, StringComparison.Ordinal);
        }

        // The name lets it see internals; its own types hide those of the same name in RecSys.Core.
        CSharpCompilation compilation = CSharpCompilation.Create(
            "RecSys.Core.Tests",
            sources.Select(source => ReferenceEquals(source.Value, Sources.Value[source.Key]) ? Trees.Value[source.Key] : Parse(source.Value))
                .Append(Parse(Usings)),
            References.Value,
            new CSharpCompilationOptions(
                OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, nullableContextOptions: NullableContextOptions.Enable));
        using MemoryStream image = new();
        EmitResult result = compilation.Emit(image);
        if (!result.Success)
        {
            throw new InvalidOperationException(
                $"'{Rule}' does not compile: {result.Diagnostics.First(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)}");
        }

        image.Position = 0;
        return context.LoadFromStream(image);
    }

    private static SyntaxTree Parse(string text) => CSharpSyntaxTree.ParseText(text, Language);

    private static Dictionary<string, string> ReadSources()
    {
        const string Prefix = "mutate/";
        Assembly here = typeof(Mutant).Assembly;
        Dictionary<string, string> sources = new(StringComparer.Ordinal);
        foreach (string name in here.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)))
        {
            using StreamReader reader = new(here.GetManifestResourceStream(name)!);
            sources[name[Prefix.Length..]] = reader.ReadToEnd().ReplaceLineEndings("\n");
        }

        return sources;
    }
}

/// <summary>A text that occurs exactly once in a file, and its replacement.</summary>
public sealed record Edit(string File, string Text, string Replacement)
{
    public bool Fits(Dictionary<string, string> sources) =>
        sources.TryGetValue(File, out string? source)
        && source.IndexOf(Text, StringComparison.Ordinal) is var first and >= 0
        && source.IndexOf(Text, first + 1, StringComparison.Ordinal) < 0;
}

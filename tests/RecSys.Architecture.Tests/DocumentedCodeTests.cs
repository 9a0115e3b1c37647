using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace RecSys.Architecture.Tests;

public sealed class DocumentedCodeTests
{
    private const string Fence = "```";

    // What a new console project with the package RecSys.Client compiles against.
    private static readonly MetadataReference[] Assemblies =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    public static TheoryData<string> Pages => ["README.md", "src/RecSys.Client/README.md"];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Every_program_in_a_readme_compiles(string page)
    {
        string[] programs = [.. Programs(File.ReadAllText(Path.Combine(Repository.Root, page)))];

        Assert.NotEmpty(programs);
        Assert.All(programs, program => Assert.Empty(Problems(program)));
    }

    [Fact]
    public void A_program_that_calls_a_missing_member_does_not_compile() =>
        Assert.NotEmpty(Problems("RecSys.Client.IRecSysClient client = null!; await client.NoSuchCallAsync();"));

    private static IEnumerable<string> Programs(string markdown) =>
        markdown.Split(Fence).Where((block, index) => index % 2 == 1 && block.StartsWith("csharp\n", StringComparison.Ordinal))
            .Select(block => block["csharp".Length..]);

    private static IEnumerable<Diagnostic> Problems(string program) => CSharpCompilation.Create(
        "Program",
        [CSharpSyntaxTree.ParseText(program), CSharpSyntaxTree.ParseText(ProjectSources.ImplicitUsings)],
        Assemblies,
        new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable))
        .GetDiagnostics().Where(diagnostic => diagnostic.Severity >= DiagnosticSeverity.Warning);
}

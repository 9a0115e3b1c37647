using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RecSys.Architecture.Tests;

/// <summary>The sources of one project under src, compiled so that each name can be resolved to its type.</summary>
internal sealed class ProjectSources
{
    /// <summary>The usings that the SDK adds to a project.</summary>
    public const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; " +
        "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions Language = CSharpParseOptions.Default.WithPreprocessorSymbols("DEBUG");

    // Every assembly that the executable needs is beside the tests.
    private static readonly MetadataReference[] Assemblies =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private readonly string _prefix;
    private readonly CSharpCompilation _compilation;
    private readonly HashSet<string> _declared;

    /// <summary>Parses the sources of a project.</summary>
    /// <param name="project">The project's name, such as RecSys.Core; it is the root namespace too.</param>
    public ProjectSources(string project)
    {
        _prefix = project + ".";
        string assembly = project == "RecSys.Cli" ? "recsys" : project;
        SyntaxTree[] trees =
        [
            .. Repository.Files(Path.Combine("src", project), "*.cs")
                .Select(path => CSharpSyntaxTree.ParseText(File.ReadAllText(path), Language, path)),
        ];
        _compilation = CSharpCompilation.Create(
            assembly,
            trees.Append(CSharpSyntaxTree.ParseText(ImplicitUsings, Language)),
            Assemblies.Where(reference => Path.GetFileNameWithoutExtension(reference.Display) != assembly),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        _declared =
        [
            .. trees.SelectMany(tree => tree.GetRoot().DescendantNodes())
                .Select(node => node is BaseTypeDeclarationSyntax type ? type.Identifier.Text : (node as DelegateDeclarationSyntax)?.Identifier.Text)
                .OfType<string>(),
        ];
    }

    /// <summary>Returns each use of a type by its name from another folder of the project; the project's own folder is left out.</summary>
    public IEnumerable<FolderUse> Uses() => _compilation.SyntaxTrees.SelectMany(Uses).Distinct();

    private IEnumerable<FolderUse> Uses(SyntaxTree tree)
    {
        SemanticModel model = _compilation.GetSemanticModel(tree);
        foreach (SimpleNameSyntax name in tree.GetRoot().DescendantNodes().OfType<SimpleNameSyntax>())
        {
            // Only the name of a type of this project can be a use of one: other names need no binding.
            if (!_declared.Contains(name.Identifier.Text)
                || name.Ancestors().OfType<BaseTypeDeclarationSyntax>().LastOrDefault() is not { } user
                || TypeOf(model.GetSymbolInfo(name)) is not { } used
                || Folder(model.GetDeclaredSymbol(user)!) is not { } from
                || Folder(used) is not { } to
                || from == to)
            {
                continue;
            }

            yield return new FolderUse(from, to, user.Identifier.Text, used.Name);
        }
    }

    private static INamedTypeSymbol? TypeOf(SymbolInfo info)
    {
        ISymbol? symbol = info.Symbol ?? info.CandidateSymbols.FirstOrDefault();
        return symbol as INamedTypeSymbol ?? (symbol is IMethodSymbol { MethodKind: MethodKind.Constructor } ? symbol.ContainingType : null);
    }

    private string? Folder(INamedTypeSymbol type)
    {
        string @namespace = type.ContainingNamespace.ToDisplayString();
        return @namespace.StartsWith(_prefix, StringComparison.Ordinal)
            && SymbolEqualityComparer.Default.Equals(type.ContainingAssembly, _compilation.Assembly)
            ? @namespace[_prefix.Length..]
            : null;
    }
}

using System.Text;
using RecSys.Cli.Import;
using RecSys.Client;
using RecSys.Core;
using Xunit;

namespace RecSys.Cli.Tests.Import;

/// <summary>Plans and reads the import of a text, as a file of a temporary folder.</summary>
internal sealed class ImportText
{
    public static readonly DateTimeOffset Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    private ImportText(ImportPlan plan)
    {
        Plan = plan;
        Reading = new Reading();
        Rows = [.. plan.Read(Reading)];
    }

    /// <summary>Gets the built-in types.</summary>
    public static KnownTypes Types { get; } = new(InteractionTypes.Default.All);

    public ImportPlan Plan { get; }

    public Reading Reading { get; }

    public ImportRow[] Rows { get; }

    public string[] Problems => [.. Rows.Select(row => row.Problem?.Text).OfType<string>()];

    public IEnumerable<InteractionBody> Interactions => Rows.Select(row => row.Body).OfType<InteractionBody>();

    public IEnumerable<ItemRow> Items => Rows.Select(row => row.Body).OfType<ItemRow>();

    public IEnumerable<UserRow> Users => Rows.Select(row => row.Body).OfType<UserRow>();

    public static ImportText Of(ImportKind kind, string text, ImportOptions? options = null, KnownTypes? types = null) =>
        OfBytes(kind, Encoding.UTF8.GetBytes(text), options, types);

    public static ImportText OfBytes(ImportKind kind, byte[] bytes, ImportOptions? options = null, KnownTypes? types = null, string name = "rows.csv")
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recsys-import-");
        try
        {
            string path = Path.Combine(folder.FullName, name);
            File.WriteAllBytes(path, bytes);
            ImportPart part = Assert.Single(ImportFormat.Parts(null, kind, path, options ?? new ImportOptions()));
            part.Check();
            return new ImportText(part.Plan(types ?? Types, Now));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    public static ImportText JsonLines(ImportKind kind, string text, ImportOptions? options = null) =>
        OfBytes(kind, Encoding.UTF8.GetBytes(text), options, name: "rows.jsonl");
}

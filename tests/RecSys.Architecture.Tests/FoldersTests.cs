using Xunit;

namespace RecSys.Architecture.Tests;

public sealed class FoldersTests
{
    public static TheoryData<string> Projects =>
        [.. Repository.Files("src", "*.csproj").Select(path => Path.GetFileNameWithoutExtension(path)!)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Folders_of_a_project_do_not_depend_on_each_other_in_a_cycle(string project)
    {
        string[] circle =
        [
            .. InCircles([.. new ProjectSources(project).Uses()])
                .GroupBy(use => $"{use.From} → {use.To}", use => $"{use.User} uses {use.Used}")
                .OrderBy(edge => edge.Key, StringComparer.Ordinal)
                .Select(edge => $"{edge.Key}: {string.Join(", ", edge.Order(StringComparer.Ordinal))}"),
        ];
        Assert.True(circle.Length == 0, $"folders of {project} use each other in a circle:\n{string.Join('\n', circle)}");
    }

    [Fact]
    public void Uses_of_types_are_found_in_the_sources() =>
        Assert.Contains(new FolderUse("Catalogue", "Log", "CatalogueFold", "FoldPosition"), new ProjectSources("RecSys.Core").Uses());

    [Fact]
    public void A_cycle_of_three_folders_is_found_without_other_folders()
    {
        FolderUse[] circle = [new("A", "B", "a", "b"), new("B", "C", "b", "c"), new("C", "A", "c", "a")];

        Assert.Equal(circle, InCircles([.. circle, new("A", "D", "a", "d"), new("E", "A", "e", "a")]));
    }

    // A use is part of a cycle if the folder that it uses leads back to its own folder.
    private static IEnumerable<FolderUse> InCircles(FolderUse[] uses)
    {
        ILookup<string, string> next = uses.ToLookup(use => use.From, use => use.To);
        return uses.Where(use => Reaches(use.To, use.From, []));

        bool Reaches(string from, string to, HashSet<string> seen) =>
            from == to || (seen.Add(from) && next[from].Any(folder => Reaches(folder, to, seen)));
    }
}

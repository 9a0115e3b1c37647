using RecSys.Cli.Hosting;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

public sealed class SharedModelsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-models-");

    private string Shared => Path.Combine(_folder.FullName, "shared");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Two_installations_share_a_folder_and_the_link_stays()
    {
        SharedModels.Link(Node("a"), Shared);
        SharedModels.Link(Node("b"), Shared);
        SharedModels.Link(Node("b"), Shared);

        File.WriteAllText(Path.Combine(Node("a").Models, "1.model"), "bytes");

        Assert.EndsWith("1.model", Assert.Single(Node("b").ModelFiles()), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(Shared, "1.model")));
    }

    [Fact]
    public void An_empty_folder_of_models_becomes_a_link_and_models_in_it_are_kept()
    {
        Directory.CreateDirectory(Node("a").Models);
        Directory.CreateDirectory(Node("b").Models);
        File.WriteAllText(Path.Combine(Node("b").Models, "1.model"), "bytes");

        SharedModels.Link(Node("a"), Shared);
        CommandException refused = Assert.Throws<CommandException>(() => SharedModels.Link(Node("b"), Shared));

        Assert.Equal(Path.GetFullPath(Shared), new DirectoryInfo(Node("a").Models).LinkTarget);
        Assert.Contains($"move its files to {Shared}", refused.Message, StringComparison.Ordinal);
        Assert.Single(Node("b").ModelFiles());
    }

    [Fact]
    public void A_link_to_another_folder_is_refused()
    {
        SharedModels.Link(Node("a"), Shared);

        CommandException refused = Assert.Throws<CommandException>(() => SharedModels.Link(Node("a"), Shared + "2"));

        Assert.Contains($"is a link to {Shared}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_folder_that_cannot_be_created_is_named_with_the_reason()
    {
        File.WriteAllText(Shared, "a file");

        CommandException refused = Assert.Throws<CommandException>(() => SharedModels.Link(Node("a"), Path.Combine(Shared, "models")));

        Assert.Contains("cannot be linked to", refused.Message, StringComparison.Ordinal);
    }

    private InstallationFiles Node(string name) => new(Directory.CreateDirectory(Path.Combine(_folder.FullName, name)).FullName);
}

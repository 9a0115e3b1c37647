using System.Xml.Linq;
using Xunit;

namespace RecSys.Architecture.Tests;

public sealed class ReferencesTests
{
    // The architecture, as a table: a project may use only the projects and packages of its row.
    private static readonly Dictionary<string, (string[] Projects, string[] Packages)> Allowed = new()
    {
        ["RecSys.Numerics"] = ([], ["System.Numerics.Tensors"]),
        ["RecSys.Core"] = (["RecSys.Numerics"], ["System.IO.Hashing"]),
        ["RecSys.Client"] = ([], ["Microsoft.Extensions.Http", "Microsoft.Extensions.Options"]),
        ["RecSys.Actors"] = (["RecSys.Core"], ["Akka.Cluster.Sharding", "Akka.Cluster.Hosting", "Akka.Persistence.Hosting"]),
        ["RecSys.Speed"] = (["RecSys.Core", "RecSys.Actors"], []),
        ["RecSys.Batch"] = (["RecSys.Core", "RecSys.Actors"], []),
        ["RecSys.Serving"] =
            (["RecSys.Core"], ["Microsoft.Extensions.Options", "Microsoft.Extensions.Logging.Abstractions"]),
        ["RecSys.Sqlite"] = (["RecSys.Core"], ["Microsoft.Data.Sqlite"]),
        ["RecSys.Postgres"] = (["RecSys.Core"], ["Npgsql", "Polly.Core"]),
        ["RecSys.Kafka"] = (["RecSys.Core"], ["Confluent.Kafka", "Microsoft.Extensions.Logging.Abstractions"]),
        ["RecSys.Files"] = (["RecSys.Core"], []),
        ["RecSys.Server"] =
        (
            ["RecSys.Core", "RecSys.Serving", "RecSys.Client"],
            [
                "OpenTelemetry.Extensions.Hosting",
                "OpenTelemetry.Instrumentation.AspNetCore", "OpenTelemetry.Instrumentation.Runtime",
                "OpenTelemetry.Exporter.Prometheus.AspNetCore", "OpenTelemetry.Exporter.OpenTelemetryProtocol",
            ]
        ),
        ["RecSys.Cli"] =
        (
            [
                "RecSys.Core", "RecSys.Actors", "RecSys.Speed", "RecSys.Batch", "RecSys.Serving", "RecSys.Server", "RecSys.Client",
                "RecSys.Sqlite", "RecSys.Postgres", "RecSys.Kafka", "RecSys.Files",
            ],
            ["System.CommandLine", "Spectre.Console", "ZstdSharp.Port"]
        ),
    };

    public static TheoryData<string> Projects =>
        [.. Repository.Files("src", "*.csproj").Select(path => Path.GetRelativePath(Repository.Root, path))];

    [Theory]
    [MemberData(nameof(Projects))]
    public void A_project_refers_only_to_what_its_row_allows(string project)
    {
        string name = Path.GetFileNameWithoutExtension(project);
        XDocument xml = XDocument.Load(Path.Combine(Repository.Root, project));

        Assert.True(Allowed.ContainsKey(name), $"{name} has no row in the table");
        Assert.Empty(Used("ProjectReference").Select(Path.GetFileNameWithoutExtension).Except(Allowed[name].Projects));
        Assert.Empty(Used("PackageReference").Except(Allowed[name].Packages));

        IEnumerable<string> Used(string kind) =>
            xml.Descendants(kind).Select(reference => reference.Attribute("Include")!.Value.Replace('\\', '/'));
    }

    [Fact]
    public void Every_row_has_its_project() =>
        Assert.Equal(
            Allowed.Keys.Order(StringComparer.Ordinal),
            Repository.Files("src", "*.csproj").Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal));

    [Fact]
    public void Every_pinned_package_is_used_or_labelled_transitive()
    {
        string[] used =
        [
            .. Repository.Files("", "*.csproj").Concat(Repository.Files("", "Directory.Build.props"))
                .SelectMany(path => XDocument.Load(path).Descendants("PackageReference"))
                .Select(reference => reference.Attribute("Include")!.Value),
        ];
        IEnumerable<string> pinned = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants("PackageVersion")
            .Where(version => version.Parent!.Attribute("Label")?.Value.StartsWith("Transitive", StringComparison.Ordinal) is not true)
            .Select(version => version.Attribute("Include")!.Value);

        Assert.Empty(pinned.Except(used));
    }
}

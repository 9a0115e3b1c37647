using RecSys.Cli.Commands;
using RecSys.Cli.Hosting;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

public sealed class ClusterTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("recsys-cluster-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task One_node_over_its_own_files_is_a_cluster_of_one_that_is_not_drained()
    {
        using DataFolder folder = DataFolder.TryLock(_data.FullName)!;
        await using RecSysHost host = await RecSysHost.StartAsync(new HostArguments(folder) { Urls = "http://127.0.0.1:0" }, Cancel);
        string[] server = ["--server", host.Url.ToString()];

        (int statusCode, string status, string statusError) = await Cli.RunAsync(["cluster", "status", .. server]);
        (int shardsCode, string shards, _) = await Cli.RunAsync(["cluster", "shards", .. server]);
        (int lagCode, string lag, _) = await Cli.RunAsync(["cluster", "lag", .. server]);
        (int jsonCode, string json, _) = await Cli.RunAsync(["cluster", "status", "--json", .. server]);
        (int unknownCode, _, string unknown) = await Cli.RunAsync(["cluster", "drain", "loacl", .. server]);
        (int drainCode, _, string drain) = await Cli.RunAsync(["cluster", "drain", "local", .. server]);

        Assert.Equal((ExitCodes.Done, ""), (statusCode, statusError));
        Assert.Contains("local", status, StringComparison.Ordinal);
        Assert.Contains("up, ready", status, StringComparison.Ordinal);
        Assert.Contains("1 node, 1 ready, version ", status, StringComparison.Ordinal);
        Assert.Equal((ExitCodes.Done, ExitCodes.Done, ExitCodes.Done), (shardsCode, lagCode, jsonCode));
        Assert.Contains("local", shards, StringComparison.Ordinal);
        Assert.Contains("partition", lag, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"local\"", json, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, unknownCode);
        Assert.Contains("no node 'loacl'; did you mean local? Its nodes are local", unknown, StringComparison.Ordinal);
        Assert.Equal(ExitCodes.Failed, drainCode);
        Assert.Contains("local is the only node of the cluster", drain, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("status")]
    [InlineData("drain 10.0.0.7:4053")]
    public async Task Without_a_running_server_the_command_says_how_to_start_or_name_one(string command)
    {
        string missing = Path.Combine(_data.FullName, "missing");

        (int exitCode, _, string error) = await Cli.RunAsync(["cluster", .. command.Split(' '), "--data", missing]);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains($"no server runs on this data folder; start one with recsys serve --data {missing}, or name one with --server URL", error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
    }

    [Fact]
    public void Tables_of_nodes_with_long_names_fit_80_columns_and_name_what_is_wrong()
    {
        StringWriter output = new();
        Terminal terminal = new(output, TextWriter.Null, isOutputRedirected: true, isErrorRedirected: true);
        ClusterResponse cluster = new()
        {
            Node = NameOf(0),
            Nodes =
            [
                Node(0) with { Ready = true },
                Node(1) with { ModelVersion = "20261128-120000-1", ModelProblem = "the file is damaged" },
                new ClusterNode { Name = NameOf(2), Address = NameOf(2), Roles = ["batch", "profile", "serve"], Status = "unreachable", Answers = false },
            ],
        };
        PartitionsResponse partitions = new()
        {
            Node = NameOf(0),
            Partitions = [Partition(0) with { Fault = "upgrade this node" }, Partition(1), new ClusterPartition { Partition = 2, Users = 0, End = 1_000_000 }],
            LagRecords = 246_912,
            Worst = 2,
        };

        ClusterTables.Status(terminal, cluster, partitions, Now);
        ClusterTables.Shards(terminal, partitions);
        ClusterTables.Lag(terminal, partitions);

        string text = output.ToString();
        string[] tables = [.. text.Split('\n').Where(line => line.StartsWith(' '))];
        Assert.All(tables, line => Assert.True(line.TrimEnd().Length <= Terminal.Columns, line));
        Assert.Contains($"{NameOf(1)} does not serve the champion: the file is damaged", text, StringComparison.Ordinal);
        Assert.Contains("3 nodes, 1 ready, version 1.12.3; 3 partitions, 1 of them on no node that answers", text, StringComparison.Ordinal);
        Assert.Contains($"partition 0 on {NameOf(0)}: upgrade this node", text, StringComparison.Ordinal);
        Assert.Contains("unreachable", text, StringComparison.Ordinal);
    }

    private static string NameOf(int node) => $"recsys-{node}.recsys.shop.svc.cluster.local:4053";

    private static ClusterNode Node(int node) => new()
    {
        Name = NameOf(node),
        Address = NameOf(node),
        Roles = ["batch", "profile", "serve"],
        Status = "up",
        Answers = true,
        Ready = false,
        Version = "1.12.3",
        StartedAt = Now.AddHours(-30),
        ModelVersion = "20261129-110000-1",
        Partitions = [.. Enumerable.Range(0, 85)],
        Users = 1_234_567,
    };

    private static ClusterPartition Partition(int partition) => new()
    {
        Partition = partition,
        Node = NameOf(partition),
        Users = 123_456,
        UnsavedUsers = 1_234,
        Checkpoint = 123_000_000,
        Next = 123_456_000,
        End = 123_579_456,
        LagRecords = 123_456,
        LagMs = 62_000,
    };
}

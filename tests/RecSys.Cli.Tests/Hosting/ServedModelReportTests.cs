using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Cli.Hosting;
using RecSys.Core.Jobs;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Serving;
using RecSys.TestKit.Models;
using Xunit;
using InMemoryControlStore = RecSys.TestKit.InMemoryControlStore;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>Two serving nodes over one control store; each has its own folder of models.</summary>
public sealed class ServedModelReportTests : IAsyncDisposable
{
    private static readonly ModelVersion Old = new("20260504-120000-1");
    private static readonly ModelVersion New = new("20260504-130000-1");

    private readonly InMemoryControlStore _control = new();
    private readonly Node _first;
    private readonly Node _second;

    public ServedModelReportTests()
    {
        _first = new Node("akka.tcp://recsys@10.0.0.1:4053", _control);
        _second = new Node("akka.tcp://recsys@10.0.0.2:4053", _control.Reopen());
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _first.DisposeAsync();
        await _second.DisposeAsync();
    }

    [Fact]
    public async Task Each_node_acknowledges_the_champion_and_one_that_cannot_load_it_keeps_the_old_one_and_gives_the_reason()
    {
        await PublishAsync(Old, _first, _second);
        await _first.Store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        Assert.Equal([(Old, null), (Old, null)], await ReportsAsync());

        await PublishAsync(New, _first);
        await _first.Store.SetAliasAsync(ModelAliases.Champion, New, Cancel);
        (ModelVersion? Served, string? Problem)[] reports = await ReportsAsync();
        Assert.Equal((New, null), reports[0]);
        Assert.Equal(Old, reports[1].Served);
        Assert.Contains($"there is no model {New}", reports[1].Problem, StringComparison.Ordinal);

        await PublishAsync(New, _second);
        Assert.Equal([(New, null), (New, null)], await ReportsAsync());
    }

    [Fact]
    public async Task The_report_of_a_node_that_has_left_is_deleted()
    {
        await PublishAsync(Old, _first, _second);
        await _first.Store.SetAliasAsync(ModelAliases.Champion, Old, Cancel);
        await ReportsAsync();

        _first.Members = [_first.Name];
        await _first.Report.ReportAsync(Cancel);

        Assert.Equal([NodeModel.KeyPrefix + _first.Name], (await _control.ListAsync(NodeModel.KeyPrefix, Cancel)).Select(row => row.Key));
    }

    [Fact]
    public async Task An_unchanged_report_is_not_written_again()
    {
        await ReportsAsync();
        long[] versions = [.. (await _control.ListAsync(NodeModel.KeyPrefix, Cancel)).Select(row => row.Version)];

        await ReportsAsync();

        Assert.Equal(versions, (await _control.ListAsync(NodeModel.KeyPrefix, Cancel)).Select(row => row.Version));
    }

    private static async Task PublishAsync(ModelVersion version, params Node[] nodes)
    {
        foreach (Node node in nodes)
        {
            await node.Store.PublishAsync(version, SmallModels.Content(["tea"]), Cancel);
        }
    }

    private async Task<(ModelVersion? Served, string? Problem)[]> ReportsAsync()
    {
        foreach (Node node in (Node[])[_first, _second])
        {
            await node.Served.RefreshAsync(isChanged: false, Cancel);
            await node.Report.ReportAsync(Cancel);
        }

        return [.. (await _control.ListAsync(NodeModel.KeyPrefix, Cancel)).Select(row => NodeModel.Decode(row.Key, row.Value.Span)!).Select(node => (node.Served, node.Problem))];
    }

    private sealed class Node : IBatchJobs, IClusterControl, IAsyncDisposable
    {
        private readonly TestKit.DataFolder _folder = new();

        public Node(string name, IControlStore control)
        {
            Name = name;
            Store = new FileModelStore(_folder.Path, control, TimeProvider.System);
            Served = new ServedModels(Store);
            Report = new ServedModelReport(Served, control, this, this, TimeProvider.System, NullLogger<ServedModelReport>.Instance);
        }

        public string Name { get; }

        string IBatchJobs.Node => Name;

        public FileModelStore Store { get; }

        public ServedModels Served { get; }

        public ServedModelReport Report { get; }

        public string[] Members { get; set; } = ["akka.tcp://recsys@10.0.0.1:4053", "akka.tcp://recsys@10.0.0.2:4053"];

        public ValueTask<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken) =>
            new(new ClusterStatus([.. Members.Select(member => new ClusterMember(member, member, [], "up"))], 0, 0, []));

        string IClusterControl.Node => Name;

        public ValueTask<IReadOnlyList<NodeStatus>> GetNodesAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<PartitionStatus>> GetPartitionsAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<DrainAnswer> DrainAsync(string node, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public JobProblem? Check(JobRequest request) => throw new NotSupportedException();

        public ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async ValueTask DisposeAsync()
        {
            Report.Dispose();
            await Served.DisposeAsync();
            Store.Dispose();
            _folder.Dispose();
        }
    }
}

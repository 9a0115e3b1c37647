using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Actors;
using RecSys.Cli.Hosting;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Serving;
using RecSys.Speed;
using RecSys.TestKit;
using RecSys.TestKit.Models;
using Xunit;
using InMemoryControlStore = RecSys.TestKit.InMemoryControlStore;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>Three nodes of one cluster, each with its own folder of models: an alias that one of them sets is served by all, and each says what it serves.</summary>
[Trait("Category", "Slow")]
public sealed class ModelsOfThreeNodesTests : IAsyncLifetime
{
    private static readonly ModelVersion Old = new("20260504-120000-1");
    private static readonly ModelVersion New = new("20260504-130000-1");
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);
    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);

    private readonly InMemoryInteractionLog _log = new(new LogRecordCodec(Hash), 4);
    private readonly InMemorySnapshotTable _table = new();
    private readonly InMemoryControlStore _control = new();
    private readonly List<Node> _nodes = [];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        int first = FreePort();
        foreach (int port in (int[])[first, FreePort(), FreePort()])
        {
            _nodes.Add(await Node.StartAsync(port, first, _log.Reopen(), _table.Reopen(), _control.Reopen()));
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (Node node in Enumerable.Reverse(_nodes))
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task All_nodes_follow_a_promotion_and_a_rollback_and_one_with_a_damaged_file_keeps_the_old_model_and_says_so()
    {
        await PublishAsync(Old, _nodes);
        Assert.True(await _nodes[0].Store.SetAliasAsync(ModelAliases.Champion, Old, Cancel));
        await UntilServedAsync((Old, null), (Old, null), (Old, null));

        await PublishAsync(New, _nodes);
        _nodes[2].Damage(New);
        Assert.True(await _nodes[1].Store.TryReplaceAliasAsync(ModelAliases.Champion, Old, New, Cancel));
        await UntilServedAsync((New, null), (New, null), (Old, "corrupt"));
        Assert.Equal(Old, _nodes[2].Served.Champion?.Version);

        Assert.False(await _nodes[0].Store.TryReplaceAliasAsync(ModelAliases.Champion, Old, New, Cancel)); // another node was first
        Assert.True(await _nodes[2].Store.TryReplaceAliasAsync(ModelAliases.Champion, New, Old, Cancel));
        await UntilServedAsync((Old, null), (Old, null), (Old, null));
    }

    private static async Task PublishAsync(ModelVersion version, IEnumerable<Node> nodes)
    {
        foreach (Node node in nodes)
        {
            await node.Store.PublishAsync(version, SmallModels.Content(["tea"]), Cancel);
        }
    }

    /// <summary>Waits until each node, whichever is asked, reports a model, and a problem that has a word.</summary>
    private async Task UntilServedAsync(params (ModelVersion Version, string? Problem)[] expected)
    {
        foreach (Node asked in _nodes)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    Dictionary<string, NodeReport?> reports = (await asked.Control.GetNodesAsync(Cancel)).ToDictionary(node => node.Member.Name, node => node.Report);
                    return _nodes.Index().All(node => reports.GetValueOrDefault(node.Item.Control.Node) is { } report
                        && report.Model == expected[node.Index].Version.Value
                        && (expected[node.Index].Problem is { } word ? report.ModelProblem?.Contains(word, StringComparison.OrdinalIgnoreCase) is true : report.ModelProblem is null));
                },
                $"the nodes report that they serve {string.Join(", ", expected)}",
                TimeLimit);
        }
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private sealed class Node : IBatchJobs, IAsyncDisposable
    {
        private readonly TestKit.DataFolder _folder = new();
        private readonly ServiceProvider _services;
        private readonly string _address;

        private Node(int port, int join, IInteractionLog log, ISnapshotTable table, IControlStore control)
        {
            _address = string.Create(CultureInfo.InvariantCulture, $"akka.tcp://recsys@127.0.0.1:{port}");
            ServiceCollection services = new();
            services.AddSingleton<ILoggerFactory>(NullLoggerFactory.Instance);
            services.AddSingleton(typeof(ILogger<>), typeof(NullLogger<>));
            services.AddSingleton(Hash);
            services.AddSingleton(log);
            services.AddSingleton(table);
            services.AddSingleton<IFoldStore>(new InMemoryFoldStore());
            services.AddSingleton(control);
            services.AddSingleton(InteractionTypes.Default);
            services.AddSingleton<IModelStore>(provider => new FileModelStore(_folder.Path, control, provider.GetRequiredService<TimeProvider>()));
            services.AddSingleton<ServedModels>();
            services.AddSingleton<IServedModels>(provider => provider.GetRequiredService<ServedModels>());
            services.AddSingleton<IBatchJobs>(this);
            services.AddRecSysActors(options =>
            {
                options.Port = port;
                options.IsNetworkTrusted = true;
                options.Join = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{join}")];
                options.Hocon = "akka.stdout-loglevel = OFF";
            });
            services.AddSpeedLayer();
            services.AddHostedService<AliasPolling>();
            _services = services.BuildServiceProvider();
        }

        public IClusterControl Control => _services.GetRequiredService<IClusterControl>();

        public IModelStore Store => _services.GetRequiredService<IModelStore>();

        public ServedModels Served => _services.GetRequiredService<ServedModels>();

        string IBatchJobs.Node => _address;

        public static async Task<Node> StartAsync(int port, int join, IInteractionLog log, ISnapshotTable table, IControlStore control)
        {
            Node node = new(port, join, log, table, control);
            foreach (IHostedService service in node._services.GetServices<IHostedService>())
            {
                await service.StartAsync(Cancel);
            }

            return node;
        }

        /// <summary>Changes a byte in the file of a model.</summary>
        public void Damage(ModelVersion version)
        {
            string path = Path.Combine(_folder.Path, $"{version}.model");
            byte[] bytes = File.ReadAllBytes(path);
            bytes[^1] ^= 1;
            File.WriteAllBytes(path, bytes);
        }

        public JobProblem? Check(JobRequest request) => throw new NotSupportedException();

        public ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async ValueTask DisposeAsync()
        {
            foreach (IHostedService service in _services.GetServices<IHostedService>().Reverse())
            {
                await service.StopAsync(CancellationToken.None);
            }

            await _services.DisposeAsync();
            _folder.Dispose();
        }
    }
}

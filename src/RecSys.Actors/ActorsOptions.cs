using Microsoft.Extensions.Options;
using RecSys.Actors.Remoting;

namespace RecSys.Actors;

/// <summary>Options of this node's actor system. Section <c>recsys:actors</c>.</summary>
public sealed class ActorsOptions
{
    /// <summary>Path of the section in appsettings.json.</summary>
    public const string Section = "recsys:actors";

    /// <summary>Name of the actor system, the same on every node of a cluster.</summary>
    public const string SystemName = "recsys";

    private const string Local = "127.0.0.1";

    /// <summary>Gets or sets the address at which other nodes reach this one.</summary>
    /// <value>A host name or address; the default is <c>127.0.0.1</c>, which other machines cannot reach.</value>
    public string Host { get; set; } = Local;

    /// <summary>Gets or sets the address at which this node listens for other nodes, where it differs from the one at which they reach it, as behind address translation.</summary>
    /// <value>A host name or address of this machine, or <c>0.0.0.0</c> for all of them; the default is none: <see cref="Host"/>.</value>
    public string? BindHost { get; set; }

    /// <summary>Gets or sets the port at which other nodes reach this one.</summary>
    /// <value>0 to 65,535; the default is 0: the node does not listen and forms a cluster on its own.</value>
    public int Port { get; set; }

    /// <summary>Gets or sets the file of the certificate that all nodes of the cluster have; a node without it is refused.</summary>
    /// <value>A PKCS #12 file, or a PEM file where <see cref="CertificateKeyFile"/> is set. The default is none; required where a port is set, unless <see cref="IsNetworkTrusted"/> is true.</value>
    public string? Certificate { get; set; }

    /// <summary>Gets or sets the PEM file of the certificate's private key.</summary>
    /// <value>The default is none: the key is read from the certificate's file.</value>
    public string? CertificateKeyFile { get; set; }

    /// <summary>Gets or sets the password of the certificate's PKCS #12 file.</summary>
    /// <value>The default is none.</value>
    public string? CertificatePassword { get; set; }

    /// <summary>Gets or sets whether nodes without a certificate may communicate, which they do without TLS: any program that reaches the port can then read all messages and stop the node.</summary>
    /// <value>The default is false. Set it only where no program but the nodes of this cluster can reach the port, as in a service mesh that authenticates them.</value>
    public bool IsNetworkTrusted { get; set; }

    /// <summary>Gets or sets the nodes to join at the start, as <c>HOST:PORT</c>; if no cluster exists yet, the first one in the list forms it.</summary>
    /// <value>The default is none: this node forms a cluster on its own.</value>
    public IReadOnlyList<string> Join { get; set; } = [];

    /// <summary>Gets or sets the number of nodes that must have joined a new cluster before any of them is a member, so that the first one does not get all partitions.</summary>
    /// <value>The default is 1: the first node is a member immediately; 1 to 100, the same on every node. A majority of the nodes suits a cluster that is started as a whole.</value>
    public int NodesMin { get; set; } = 1;

    /// <summary>Gets or sets the roles of this node.</summary>
    /// <value>At least one of <c>serve</c> (answers the requests of clients), <c>profile</c> (owns partitions and their users) and <c>batch</c> (runs jobs); the default is all of them.</value>
    public IReadOnlyList<string> Roles { get; set; } = NodeRoles.All;

    /// <summary>Gets or sets a folder whose <c>*.conf</c> files override the embedded HOCON, key by key.</summary>
    /// <value>The default is none.</value>
    public string? HoconFolder { get; set; }

    /// <summary>Gets or sets HOCON that overrides all other settings.</summary>
    /// <value>The default is none.</value>
    public string? Hocon { get; set; }

    /// <summary>Gets or sets the time within which this node must become a member of its cluster; otherwise it does not start.</summary>
    /// <value>The default is 30 s; 1 s to 10 min. Nodes that use leases wait longer by <c>leaseDuration</c>, for the lease of an earlier cluster to end.</value>
    public TimeSpan JoinTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the time after which the lease of the cluster ends if no node prolongs it; the lease that decides a split ends after half of it. Nodes that share a database use leases: after a split only the nodes on the side that holds one continue, and no second
    /// cluster is created while one runs. A higher value tolerates longer outages of the database; a cluster whose nodes were all killed starts again after that time.</summary>
    /// <value>The default is 20 s; 5 s to 5 min, the same on every node.</value>
    public TimeSpan LeaseDuration { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>Gets or sets the largest number of states that are saved as one group. A higher value costs fewer syncs and delays each save longer.</summary>
    /// <value>The default is 512; 1 to 10,000.</value>
    public int SaveGroupMax { get; set; } = 512;

    /// <summary>Gets or sets how many groups of states are saved concurrently.</summary>
    /// <value>The default is 2: one is prepared while the other is written; 1 to 64.</value>
    public int SaveGroupsInFlightMax { get; set; } = 2;

    /// <summary>Gets or sets how many states are loaded concurrently.</summary>
    /// <value>The default is 4; 1 to 256.</value>
    public int LoadsInFlightMax { get; set; } = 4;

    /// <summary>Gets or sets how many saves may be queued, and how many loads; further ones fail and are retried later.</summary>
    /// <value>The default is 250,000; 1,000 to 10,000,000.</value>
    public int StoreQueueMax { get; set; } = 250_000;

    /// <summary>Gets whether other nodes can reach this one.</summary>
    internal bool HasOthers => Port != 0;

    internal sealed class Validator : IValidateOptions<ActorsOptions>
    {
        public ValidateOptionsResult Validate(string? name, ActorsOptions options)
        {
            List<string> problems = [];
            Check(options.Host.Length > 0, "host must not be empty");
            Check(options.BindHost is not "", "bindHost must not be empty; leave it out to listen at host");
            Check(options.BindHost is null || options.Port != 0, $"bindHost is {options.BindHost} and port is not set: without a port this node does not listen");
            Check(options.NodesMin is >= 1 and <= 100, $"nodesMin is {options.NodesMin}; 1 to 100 are allowed");
            Check(
                options.NodesMin == 1 || options.Port != 0,
                $"nodesMin is {options.NodesMin} and port is not set: no other node can reach this one, so it would wait without end");
            Check(options.Port is >= 0 and <= 65_535, $"port is {options.Port}; 0 to 65535 are allowed");
            Check(options.Join.Count == 0 || options.Port != 0, "port must be set if join is set: other nodes reach this node at it (serve --listen HOST:PORT)");
            Check(
                options.Port != 0 || options.Host == Local,
                $"host is {options.Host} and port is not set: other nodes need both to reach this one; set port too");
            Check(
                options.Port == 0 || options.Certificate is not null || options.IsNetworkTrusted,
                "port is set, so that other nodes can reach this one, but certificate is not: set it to the file of a certificate that all nodes have"
                + " (docs/guides/running.md), or set isNetworkTrusted if no other program can reach that port");
            if (options.Certificate is not null && NodeCertificate.Problem(options) is { } problem)
            {
                problems.Add($"{Section}: {problem}");
            }

            foreach (string node in options.Join)
            {
                Check(NodeAddress.TryParse(node, out _), $"'{node}' in join is not HOST:PORT");
            }

            Check(options.Roles.Count > 0, $"roles is empty; set at least one of {string.Join(", ", NodeRoles.All)}");
            foreach (string role in options.Roles)
            {
                Check(NodeRoles.All.Contains(role), $"role '{role}' is not one of {string.Join(", ", NodeRoles.All)}");
            }

            Check(
                options.HoconFolder is null || Directory.Exists(options.HoconFolder),
                $"the folder '{options.HoconFolder}' of hoconFolder does not exist");
            Check(
                options.JoinTimeout >= TimeSpan.FromSeconds(1) && options.JoinTimeout <= TimeSpan.FromMinutes(10),
                $"joinTimeout is {options.JoinTimeout}; 1 s to 10 min are allowed");
            Check(
                options.LeaseDuration >= TimeSpan.FromSeconds(5) && options.LeaseDuration <= TimeSpan.FromMinutes(5),
                $"leaseDuration is {options.LeaseDuration}; 5 s to 5 min are allowed");
            Check(options.SaveGroupMax is >= 1 and <= 10_000, $"saveGroupMax is {options.SaveGroupMax}; 1 to 10000 are allowed");
            Check(
                options.SaveGroupsInFlightMax is >= 1 and <= 64,
                $"saveGroupsInFlightMax is {options.SaveGroupsInFlightMax}; 1 to 64 are allowed");
            Check(options.LoadsInFlightMax is >= 1 and <= 256, $"loadsInFlightMax is {options.LoadsInFlightMax}; 1 to 256 are allowed");
            Check(
                options.StoreQueueMax is >= 1_000 and <= 10_000_000,
                $"storeQueueMax is {options.StoreQueueMax}; 1000 to 10000000 are allowed");
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

            void Check(bool isRight, string text)
            {
                if (!isRight)
                {
                    problems.Add($"{Section}: {text}");
                }
            }
        }
    }
}

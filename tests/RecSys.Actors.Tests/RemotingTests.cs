using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Actor;
using Akka.Actor.Setup;
using Akka.Cluster;
using Akka.Configuration;
using Akka.Remote;
using Akka.Remote.Transport.DotNetty;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests;

/// <summary>Tests which other systems may send messages to a node's actors.</summary>
public sealed class RemotingTests : IDisposable
{
    private readonly DataFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_single_node_does_not_listen_and_cannot_be_joined()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sockets of this process are found in /proc");
        string[] before = Listening();
        await using RunningSystem running = await RunningSystem.StartAsync();
        Cluster cluster = Cluster.Get(running.System.System);
        Assert.Equal(before, Listening());

        string seen = await RefusedAsync(cluster.SelfAddress.Port!.Value, certificate: null);

        Assert.Contains("127.0.0.1:1", seen, StringComparison.Ordinal);
        Assert.Single(cluster.State.Members);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Only_nodes_with_the_certificate_can_communicate_and_form_a_cluster()
    {
        using X509Certificate2 ours = Certificate("ours");
        using X509Certificate2 theirs = Certificate("theirs");
        int first = FreePort();
        int second = FreePort();
        await using Node one = await Node.StartAsync(OptionsOf(ours, first, join: first));
        await using Node two = await Node.StartAsync(OptionsOf(ours, second, join: first));

        Assert.NotEmpty(await RefusedAsync(first, certificate: null));
        Assert.NotEmpty(await RefusedAsync(first, theirs));

        Cluster cluster = Cluster.Get(one.System.System);
        Assert.Equal(
            new[] { first, second }.Order(),
            cluster.State.Members.Select(member => member.Address.Port!.Value).Order());
        Assert.Empty(cluster.State.Unreachable);
    }

    [Fact]
    public void A_node_with_a_port_requires_a_certificate()
    {
        Assert.Contains("port is set", Refused(new ActorsOptions { Port = 4053 }), StringComparison.Ordinal);
        Assert.Contains("port is set", Refused(new ActorsOptions { Port = 4053, Join = ["127.0.0.1:4053"] }), StringComparison.Ordinal);
        Assert.Contains("port must be set", Refused(new ActorsOptions { Join = ["127.0.0.1:4053"] }), StringComparison.Ordinal);
        Assert.Contains("port is not set", Refused(new ActorsOptions { Host = "10.0.0.1" }), StringComparison.Ordinal);
        Assert.Contains("cannot be used", Refused(new ActorsOptions { Port = 4053, Certificate = _folder.File("none.pfx") }), StringComparison.Ordinal);
        Assert.Null(Refused(new ActorsOptions { Port = 4053, IsNetworkTrusted = true }));
        using X509Certificate2 certificate = Certificate("ours");
        Assert.Null(Refused(OptionsOf(certificate, 4053, join: 4053)));
    }

    [Fact]
    public void A_certificate_without_its_key_is_refused_and_one_in_PEM_is_accepted()
    {
        using X509Certificate2 certificate = Certificate("ours");
        File.WriteAllBytes(_folder.File("public.pfx"), X509CertificateLoader.LoadCertificate(certificate.RawData).Export(X509ContentType.Pfx));
        File.WriteAllText(_folder.File("tls.crt"), certificate.ExportCertificatePem());
        using (ECDsa key = certificate.GetECDsaPrivateKey()!)
        {
            File.WriteAllText(_folder.File("tls.key"), key.ExportPkcs8PrivateKeyPem());
        }

        Assert.Contains(
            "has no private key", Refused(new ActorsOptions { Port = 4053, Certificate = _folder.File("public.pfx") }), StringComparison.Ordinal);
        Assert.Null(Refused(new ActorsOptions { Port = 4053, Certificate = _folder.File("tls.crt"), CertificateKeyFile = _folder.File("tls.key") }));
    }

    [Fact]
    public async Task No_bytes_are_read_as_JSON_by_reflection()
    {
        await using Node node = await Node.StartAsync(new ActorsOptions());
        ExtendedActorSystem system = (ExtendedActorSystem)node.System.System;
        string gadget = typeof(FileInfo).AssemblyQualifiedName!;

        // 1 is the number of Akka's Newtonsoft serializer in a message's head.
        Assert.ThrowsAny<Exception>(() => system.Serialization.Deserialize("{}"u8.ToArray(), 1, gadget));
        Assert.IsType<Serialization.RefusingSerializer>(system.Serialization.FindSerializerForType(typeof(FileInfo)));
        Assert.Throws<NotSupportedException>(() => system.Serialization.Deserialize("{}"u8.ToArray(), Serialization.RefusingSerializer.Number, gadget));
    }

    private static string? Refused(ActorsOptions options) => new ActorsOptions.Validator().Validate(null, options).FailureMessage;

    private static X509Certificate2 Certificate(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private ActorsOptions OptionsOf(X509Certificate2 certificate, int port, int join)
    {
        File.WriteAllBytes(_folder.File("cluster.pfx"), certificate.Export(X509ContentType.Pfx, "secret"));
        return new ActorsOptions
        {
            Port = port,
            Join = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{join}")],
            Certificate = _folder.File("cluster.pfx"),
            CertificatePassword = "secret",
        };
    }

    /// <summary>Another system of the same name, without TLS or with another certificate.</summary>
    private static ActorSystem OutsiderOf(X509Certificate2? certificate)
    {
        ActorSystemSetup setup = ActorSystemSetup.Create(BootstrapSetup.Create().WithConfig(ConfigurationFactory.ParseString($$"""
            akka.actor.provider = cluster
            akka.stdout-loglevel = OFF
            akka.loglevel = OFF
            akka.coordinated-shutdown.run-by-clr-shutdown-hook = off
            akka.remote.dot-netty.tcp {
              hostname = "127.0.0.1"
              port = 0
              connection-timeout = 3s
              enable-ssl = {{(certificate is null ? "off" : "on")}}
            }
            """)));
        return ActorSystem.Create(
            ActorsOptions.SystemName,
            certificate is null ? setup : setup.And(new DotNettySslSetup(certificate, suppressValidation: true, requireMutualAuthentication: true, validateCertificateHostname: false)));
    }

    /// <summary>Lets another system try to join a node, and returns why it could not.</summary>
    private static async Task<string> RefusedAsync(int port, X509Certificate2? certificate)
    {
        using ActorSystem outsider = OutsiderOf(certificate);
        using Inbox inbox = Inbox.Create(outsider);
        outsider.EventStream.Subscribe(inbox.Receiver, typeof(AssociationErrorEvent));
        Cluster cluster = Cluster.Get(outsider);
        cluster.Join(cluster.SelfAddress.WithPort(port));

        AssociationErrorEvent refused = (AssociationErrorEvent)await inbox.ReceiveAsync(TimeSpan.FromSeconds(30));

        Assert.Empty(cluster.State.Members);
        return $"{refused.RemoteAddress}: {refused.Cause.Message}";
    }

    /// <summary>Returns the sockets on which this process listens.</summary>
    private static readonly string[] SocketTables = ["/proc/self/net/tcp", "/proc/self/net/tcp6"];

    private static string[] Listening()
    {
        const string ListenState = "0A";
        HashSet<string> own = [.. Directory.EnumerateFileSystemEntries("/proc/self/fd").Select(path => new FileInfo(path).LinkTarget).OfType<string>()];
        return
        [
            .. SocketTables
                .Where(File.Exists)
                .SelectMany(path => File.ReadLines(path).Skip(1))
                .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .Where(fields => fields[3] == ListenState && own.Contains($"socket:[{fields[9]}]"))
                .Select(fields => fields[1])
                .Order(StringComparer.Ordinal),
        ];
    }

    private sealed class Node : IAsyncDisposable
    {
        private Node(ActorsOptions options) =>
            System = new RecSysActorSystem(Options.Create(options), new InMemorySnapshotTable(), NullLoggerFactory.Instance, TimeProvider.System, []);

        public RecSysActorSystem System { get; }

        public static async Task<Node> StartAsync(ActorsOptions options)
        {
            Node node = new(options);
            await node.System.StartAsync(Cancel);
            return node;
        }

        public async ValueTask DisposeAsync()
        {
            await System.StopAsync(CancellationToken.None);
            System.Dispose();
        }
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using RecSys.TestKit;

namespace RecSys.Actors.Tests;

/// <summary>Options of nodes of one cluster in this process: mutual TLS over loopback, short times, and a network whose faults can be set.</summary>
internal sealed class LoopbackNodes : IDisposable
{
    // Shorter times than in production, and Terminate ends a system as a crash does.
    private const string Hocon = """
        akka.stdout-loglevel = OFF
        akka.coordinated-shutdown.run-by-actor-system-terminate = off
        akka.remote.dot-netty.tcp.applied-adapters = ["trttl"]
        akka.cluster.failure-detector.heartbeat-interval = 300ms
        akka.cluster.failure-detector.acceptable-heartbeat-pause = 2s
        akka.cluster.split-brain-resolver.stable-after = 2s
        akka.cluster.sharding.rebalance-interval = 500ms
        """;

    private readonly DataFolder _folder = new();

    public LoopbackNodes()
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=cluster", key, HashAlgorithmName.SHA256);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch.AddYears(50), DateTimeOffset.UnixEpoch.AddYears(100));
        File.WriteAllBytes(_folder.File("cluster.pfx"), certificate.Export(X509ContentType.Pfx, "secret"));
    }

    /// <summary>Sets the options of a node.</summary>
    /// <param name="options">The options.</param>
    /// <param name="join">Port of a node of the cluster; null for the first one.</param>
    /// <param name="port">Port of the node; null for a free one.</param>
    public void Configure(ActorsOptions options, int? join, int? port = null)
    {
        options.Port = port ?? FreePort();
        options.Join = [string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{join ?? options.Port}")];
        options.Certificate = _folder.File("cluster.pfx");
        options.CertificatePassword = "secret";
        options.Hocon = $"{VerifyingSerializer.Hocon}\n{Hocon}";
    }

    public void Dispose() => _folder.Dispose();

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

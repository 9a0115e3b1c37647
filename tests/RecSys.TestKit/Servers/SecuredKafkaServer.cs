using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace RecSys.TestKit.Servers;

/// <summary>A real broker of Kafka that asks for a password: at one port over TLS, at another one without. It has its own authority of certificates.</summary>
/// <remarks>One user is configured for PLAIN. Users for SCRAM are added over the listener without a password, which is the address of <see cref="Broker"/>.</remarks>
public sealed class SecuredKafkaServer : IAsyncDisposable
{
    /// <summary>The user of PLAIN.</summary>
    public const string User = "recsys";

    /// <summary>The password of that user.</summary>
    public const string Password = "secret-of-recsys";

    private const int Days = 2;

    private static readonly string Host = IPAddress.Loopback.ToString();

    private readonly DirectoryInfo _folder;
    private readonly int _tlsPort;
    private readonly int _plainPort;

    private SecuredKafkaServer(DirectoryInfo folder, KafkaServer broker, int tlsPort, int plainPort)
    {
        _folder = folder;
        Broker = broker;
        _tlsPort = tlsPort;
        _plainPort = plainPort;
    }

    /// <summary>Gets the broker, which answers at its own port without a password.</summary>
    public KafkaServer Broker { get; }

    /// <summary>Gets the broker as <c>host:port</c> with TLS and passwords (SASL_SSL).</summary>
    public string TlsServers => string.Create(CultureInfo.InvariantCulture, $"{Host}:{_tlsPort}");

    /// <summary>Gets the broker as <c>host:port</c> with passwords and without TLS (SASL_PLAINTEXT).</summary>
    public string PlainServers => string.Create(CultureInfo.InvariantCulture, $"{Host}:{_plainPort}");

    /// <summary>Gets the file with the certificate of the authority.</summary>
    public string Authority => Path.Combine(_folder.FullName, "authority.crt");

    /// <summary>Starts a broker without data; skips the test if there is no script.</summary>
    public static async Task<SecuredKafkaServer> StartAsync(CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recsys-kafka-tls-");
        try
        {
            (int tls, int plain) = (FreePort(), FreePort());
            KafkaServer broker = await KafkaServer.StartAsync(port => EnvironmentOf(folder, port, tls, plain), cancellationToken);
            return new SecuredKafkaServer(folder, broker, tls, plain);
        }
        catch
        {
            folder.Delete(recursive: true);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Broker.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private static Dictionary<string, string> EnvironmentOf(DirectoryInfo folder, int port, int tls, int plain)
    {
        string key = Path.Combine(folder.FullName, "broker.pem");
        WriteCertificates(Path.Combine(folder.FullName, "authority.crt"), key);
        string users = Path.Combine(folder.FullName, "users.jaas");
        File.WriteAllText(users, $$"""
            KafkaServer {
              org.apache.kafka.common.security.plain.PlainLoginModule required user_{{User}}="{{Password}}";
              org.apache.kafka.common.security.scram.ScramLoginModule required;
            };
            """);
        string secured = string.Create(CultureInfo.InvariantCulture, $"PLAINTEXT://{Host}:{port},SASL_SSL://{Host}:{tls},SASL_PLAINTEXT://{Host}:{plain}");
        return new(StringComparer.Ordinal)
        {
            ["JAVA_TOOL_OPTIONS"] = $"-Djava.security.auth.login.config={users}",
            ["CONFIG"] = string.Join(
                ';',
                string.Create(CultureInfo.InvariantCulture, $"listeners={secured},CONTROLLER://{Host}:{port + 1}"),
                $"advertised.listeners={secured}",
                "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_SSL:SASL_SSL,SASL_PLAINTEXT:SASL_PLAINTEXT",
                "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512",
                "ssl.keystore.type=PEM",
                $"ssl.keystore.location={key}"),
        };
    }

    /// <summary>Writes an authority's certificate, and a key of the broker with the certificate that the authority gave for it.</summary>
    private static void WriteCertificates(string authorityFile, string keyFile)
    {
        DateTimeOffset now = TimeProvider.System.GetUtcNow();
        using RSA authorityKey = RSA.Create(2048);
        CertificateRequest authority = new("CN=authority of a test", authorityKey, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        authority.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        using X509Certificate2 issuer = authority.CreateSelfSigned(now.AddDays(-Days), now.AddDays(Days));
        File.WriteAllText(authorityFile, issuer.ExportCertificatePem());

        using RSA key = RSA.Create(2048);
        CertificateRequest request = new("CN=broker of a test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(issuer, now.AddDays(-1), now.AddDays(1), [1]);
        File.WriteAllText(keyFile, $"{key.ExportPkcs8PrivateKeyPem()}\n{certificate.ExportCertificatePem()}\n{issuer.ExportCertificatePem()}\n");
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Akka.Event;
using Akka.Remote.Transport.DotNetty;

namespace RecSys.Actors.Remoting;

/// <summary>The certificate that all nodes of a cluster have, with its private key: a node without it is refused, in both directions.</summary>
internal static class NodeCertificate
{
    /// <summary>Reads the certificate of the options.</summary>
    /// <exception cref="CryptographicException">The certificate cannot be read, or has no private key.</exception>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file cannot be opened for lack of permission.</exception>
    public static X509Certificate2 Load(ActorsOptions options)
    {
        string path = options.Certificate ?? throw new InvalidOperationException("no certificate is set");
        X509Certificate2 certificate = options.CertificateKeyFile is { } key
            ? X509Certificate2.CreateFromPemFile(path, key)
            : X509CertificateLoader.LoadPkcs12FromFile(path, options.CertificatePassword);
        return certificate.HasPrivateKey ? certificate : throw new CryptographicException("it has no private key");
    }

    /// <summary>Returns the reason why the certificate cannot be used, or null.</summary>
    public static string? Problem(ActorsOptions options)
    {
        try
        {
            using X509Certificate2 certificate = Load(options);
            return null;
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            return $"certificate '{options.Certificate}' cannot be used: {e.Message}";
        }
    }

    /// <summary>Creates the setup of mutual TLS: each side must have this certificate; its chain and names are not checked.</summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The actor system holds the certificate for as long as the process runs.")]
    public static DotNettySslSetup SetupOf(ActorsOptions options)
    {
        X509Certificate2 own = Load(options);
        return new DotNettySslSetup(
            own,
            suppressValidation: false,
            requireMutualAuthentication: true,
            customValidator: (certificate, _, peer, _, log) =>
            {
                bool isOwn = certificate is not null && certificate.RawDataMemory.Span.SequenceEqual(own.RawDataMemory.Span);
                if (!isOwn)
                {
                    log.Warning("{0} is refused: it does not have this cluster's certificate", peer);
                }

                return isOwn;
            });
    }
}

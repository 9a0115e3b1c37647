using System.Globalization;
using System.Reflection;
using System.Text;
using Akka.Configuration;

namespace RecSys.Actors;

/// <summary>Reads Akka's configuration: the embedded files, overridden by a folder's files, by the options, and by the HOCON of the options.</summary>
internal static class HoconFiles
{
    private const string Prefix = "hocon/";

    /// <param name="options">The options, which override the files.</param>
    /// <param name="hasLeases">Whether the nodes share leases. If so, only the nodes on the side that holds one continue after a split.</param>
    public static Config Load(ActorsOptions options, bool hasLeases = false)
    {
        // One parse of all texts is cheaper than a chain of fallbacks; later values override earlier ones.
        StringBuilder text = new();
        Assembly assembly = typeof(HoconFiles).Assembly;
        foreach (string name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using StreamReader reader = new(assembly.GetManifestResourceStream(name)!);
            text.AppendLine(reader.ReadToEnd());
        }

        if (options.HoconFolder is { } folder)
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*.conf").Order(StringComparer.Ordinal))
            {
                text.AppendLine(File.ReadAllText(path));
            }
        }

        text.AppendLine(FromOptions(options));
        if (hasLeases)
        {
            text.AppendLine("akka.cluster.split-brain-resolver.active-strategy = lease-majority");

            // Half the duration of the cluster's lease: about the time after which nodes decide about a crash. By then, the lease of an earlier split is free if its holder has crashed.
            text.AppendLine(CultureInfo.InvariantCulture, $"recsys.lease.heartbeat-timeout = {options.LeaseDuration.TotalMilliseconds / 2}ms");
            text.AppendLine(CultureInfo.InvariantCulture, $"recsys.lease.heartbeat-interval = {options.LeaseDuration.TotalMilliseconds / 8}ms");
            text.AppendLine(CultureInfo.InvariantCulture, $"recsys.lease.lease-operation-timeout = {options.LeaseDuration.TotalMilliseconds / 4}ms");
        }

        text.AppendLine(options.Hocon);
        return ConfigurationFactory.ParseString(text.ToString());
    }

    private static string FromOptions(ActorsOptions options)
    {
        StringBuilder text = new();
        if (options.HasOthers)
        {
            text.AppendLine("akka.remote.enabled-transports = [\"akka.remote.dot-netty.tcp\"]");
            text.AppendLine(CultureInfo.InvariantCulture, $"akka.remote.dot-netty.tcp.enable-ssl = {(options.Certificate is null ? "off" : "on")}");
        }
        else
        {
            // There is no node that shards could be handed over to, and all users are saved. A region that got a message after its shards had stopped would wait for such a node.
            text.AppendLine("akka.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout = 1s");

            // The node leaves at an action of the leader, which it is itself, and each singleton ends at a retry of a hand-over that no node answers: a stop waits for both.
            text.AppendLine("akka.cluster.leader-actions-interval = 100ms");
            text.AppendLine("akka.cluster.singleton.hand-over-retry-interval = 50ms");
        }

        text.AppendLine(CultureInfo.InvariantCulture, $"akka.remote.dot-netty.tcp.hostname = {Quote(options.BindHost ?? options.Host)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"akka.remote.dot-netty.tcp.public-hostname = {Quote(options.Host)}");
        text.AppendLine(CultureInfo.InvariantCulture, $"akka.cluster.min-nr-of-members = {options.NodesMin}");
        text.AppendLine(CultureInfo.InvariantCulture, $"akka.remote.dot-netty.tcp.port = {options.Port}");
        text.AppendLine(CultureInfo.InvariantCulture, $"akka.cluster.roles = [{string.Join(", ", options.Roles.Select(Quote))}]");
        return text.ToString();
    }

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}

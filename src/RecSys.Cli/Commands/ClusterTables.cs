using System.Globalization;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary>Tables of the nodes and partitions of a cluster, for people.</summary>
internal static class ClusterTables
{
    private const string Unknown = "?";

    /// <summary>Length of the longest HOST:PORT of IPv4; longer names are wrapped.</summary>
    private const int AddressLength = 21;

    private static readonly string[] AllRoles = ["batch", "profile", "serve"];

    public static void Status(Terminal terminal, ClusterResponse cluster, PartitionsResponse partitions, DateTimeOffset now)
    {
        // What is the same on all nodes has no column, so that the table fits.
        bool hasRoles = cluster.Nodes.Any(node => !node.Roles.SequenceEqual(AllRoles));
        string[] versions = [.. cluster.Nodes.Select(node => node.Version).OfType<string>().Distinct()];
        bool hasVersions = versions.Length > 1;
        terminal.Table(
            [
                cluster.Nodes.All(node => node.Name.Length <= AddressLength) ? "=node" : "node",
                "state",
                .. hasRoles ? ["roles"] : (string[])[],
                ">up for",
                .. hasVersions ? ["=version"] : (string[])[],
                "=model",
                ">partitions",
            ],
            cluster.Nodes.Select(node => (string[])
            [
                node.Name,
                StateOf(node),
                .. hasRoles ? [string.Join(' ', node.Roles)] : (string[])[],
                node.StartedAt is { } started ? DurationOf(now - started) : Unknown,
                .. hasVersions ? [node.Version ?? Unknown] : (string[])[],
                node.ModelVersion ?? (node.Answers ? "none" : Unknown),
                node.Partitions is { } hosted ? Terminal.Number(hosted.Count) : Unknown,
            ]));
        foreach (ClusterNode node in cluster.Nodes.Where(node => node.ModelProblem is not null))
        {
            terminal.Out.WriteLine($"{node.Name} does not serve the champion: {node.ModelProblem}");
        }

        terminal.Out.WriteLine(
            $"{Count(cluster.Nodes.Count, "node")}, {cluster.Nodes.Count(node => node.Ready is true)} ready, {(hasVersions ? "of different versions" : $"version {versions.SingleOrDefault() ?? Unknown}")}; {Summary(partitions)}");
        Faults(terminal, partitions);
    }

    public static void Shards(Terminal terminal, PartitionsResponse response)
    {
        terminal.Table(
            [">partition", "node", ">users", ">unsaved", ">next", ">end", ">lag"],
            response.Partitions.Select(partition => new[]
            {
                NumberOf(partition.Partition), NodeOf(partition), Terminal.Number(partition.Users), NumberOf(partition.UnsavedUsers), NumberOf(partition.Next),
                Terminal.Number(partition.End), LagOf(partition.LagMs),
            }));
        Faults(terminal, response);
    }

    public static void Lag(Terminal terminal, PartitionsResponse response)
    {
        ClusterPartition[] behind =
        [
            .. response.Partitions
                .Where(partition => partition is not { LagRecords: 0, LagMs: 0 })
                .OrderByDescending(partition => partition.LagMs ?? double.MaxValue),
        ];
        if (behind.Length > 0)
        {
            terminal.Table(
                [">partition", "node", ">unread records", ">lag"],
                behind.Select(partition => new[] { NumberOf(partition.Partition), NodeOf(partition), NumberOf(partition.LagRecords), LagOf(partition.LagMs) }));
        }

        terminal.Out.WriteLine(Summary(response));
        Faults(terminal, response);
    }

    /// <summary>Returns a number with its noun.</summary>
    public static string Count(long number, string noun) => $"{Terminal.Number(number)} {noun}{(number == 1 ? "" : "s")}";

    private static string Summary(PartitionsResponse response)
    {
        int lost = response.Partitions.Count(partition => partition.Node is null);
        return Count(response.Partitions.Count, "partition") + (
            lost > 0 ? $", {Terminal.Number(lost)} of them on no node that answers"
            : response.LagMs is null ? $"; partition {response.Worst} is not ingested"
            : response is { LagMs: 0, LagRecords: 0 } ? "; every record is applied"
            : $"; {Count(response.LagRecords, "unread record")}, the oldest {LagOf(response.LagMs)} old, in partition {response.Worst}");
    }

    private static void Faults(Terminal terminal, PartitionsResponse response)
    {
        foreach (ClusterPartition partition in response.Partitions.Where(partition => partition.Fault is not null))
        {
            terminal.Out.WriteLine($"partition {partition.Partition} on {partition.Node}: {partition.Fault}");
        }
    }

    private static string StateOf(ClusterNode node) =>
        !node.Answers ? (node.Status is "up" ? "does not answer" : $"{node.Status}, does not answer")
        : node.Ready is true ? $"{node.Status}, ready"
        : $"{node.Status}, not ready";

    private static string NodeOf(ClusterPartition partition) => partition.Node ?? "none";

    private static string NumberOf(long? number) => number is { } known ? Terminal.Number(known) : Unknown;

    private static string LagOf(double? milliseconds) =>
        milliseconds is not { } lag ? Unknown
        : lag < 1_000 ? string.Create(CultureInfo.InvariantCulture, $"{lag:0} ms")
        : DurationOf(TimeSpan.FromMilliseconds(lag));

    private static string DurationOf(TimeSpan duration) => string.Create(
        CultureInfo.InvariantCulture,
        $"{(duration.TotalMinutes < 1 ? $"{Math.Max(0, duration.TotalSeconds):0} s"
            : duration.TotalHours < 2 ? $"{(int)duration.TotalMinutes} min"
            : duration.TotalDays < 2 ? $"{(int)duration.TotalHours} h"
            : $"{(int)duration.TotalDays} days")}");
}

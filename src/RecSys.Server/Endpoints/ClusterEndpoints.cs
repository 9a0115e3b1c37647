using System.Globalization;
using Microsoft.AspNetCore.Http;
using RecSys.Client;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints of the cluster: its nodes, its partitions, and the drain of a node. Every node answers for the whole cluster.</summary>
internal sealed class ClusterEndpoints(IClusterControl cluster) : IEndpoints
{
    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/admin/cluster", Role.Admin, NodesAsync)
        {
            Name = "getCluster",
            Tag = Tags.Operations,
            Summary = "Returns the nodes of the cluster: readiness, version of the program, served model and partitions",
            Description = "Every member is asked. One that does not answer within 2 s is listed with answers = false.",
            Answer = typeof(ClusterResponse),
        },
        new("GET", "/v1/admin/cluster/partitions", Role.Admin, PartitionsAsync)
        {
            Name = "getPartitions",
            Tag = Tags.Operations,
            Summary = "Returns the partitions of the log: the node of each, its users in memory, its position and its lag",
            Answer = typeof(PartitionsResponse),
        },
        new("POST", "/v1/admin/cluster/nodes/{node}:drain", Role.Admin, DrainAsync)
        {
            Name = "drainNode",
            Tag = Tags.Operations,
            Summary = "Drains a node: it stops being ready, hands its partitions over, saves all states, and its process ends with exit code 0",
            Description = "The call does not wait until the process has ended. It is refused with 409 if no other ready node could take the node's partitions.",
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(ClusterNode),
        },
    ];

    private async Task<Problem?> NodesAsync(Call call)
    {
        IReadOnlyList<NodeStatus> nodes = await cluster.GetNodesAsync(call.Aborted).ConfigureAwait(false);
        return await call.AnswerAsync(
            new ClusterResponse { Node = cluster.Node, Nodes = [.. nodes.Select(NodeOf)] }, RecSysJsonContext.Wire.ClusterResponse).ConfigureAwait(false);
    }

    private async Task<Problem?> PartitionsAsync(Call call)
    {
        IReadOnlyList<PartitionStatus> partitions = await cluster.GetPartitionsAsync(call.Aborted).ConfigureAwait(false);
        PartitionStatus? worst = partitions.FirstOrDefault(partition => partition.Progress?.LagMs is null) ?? partitions.MaxBy(partition => partition.Progress!.LagMs);
        PartitionsResponse response = new()
        {
            Node = cluster.Node,
            Partitions = [.. partitions.Select(PartitionOf)],
            LagRecords = partitions.Sum(partition => LagOf(partition) ?? 0),
            LagMs = worst?.Progress?.LagMs,
            Worst = worst?.Partition,
        };
        return await call.AnswerAsync(response, RecSysJsonContext.Wire.PartitionsResponse).ConfigureAwait(false);
    }

    private async Task<Problem?> DrainAsync(Call call)
    {
        string name = call.Id(0);
        DrainAnswer answer = await cluster.DrainAsync(name, call.Aborted).ConfigureAwait(false);
        return answer.Outcome switch
        {
            DrainOutcome.Accepted => await call.AnswerAsync(NodeOf(answer.Node!), RecSysJsonContext.Wire.ClusterNode, StatusCodes.Status202Accepted).ConfigureAwait(false),
            DrainOutcome.UnknownNode => Problem.NotFound(
                $"the cluster has no node '{name}'; its nodes are {string.Join(", ", answer.Nodes.Select(node => node.Member.Name))}"),
            DrainOutcome.NoAnswer => Problem.Unavailable(string.Create(
                CultureInfo.InvariantCulture,
                $"the node {answer.Node!.Member.Name} does not answer within {NodeStatus.AnswerMax.TotalSeconds} s; retry, or stop its process")),
            _ => Problem.Conflict(
                answer.Nodes.Count == 1
                    ? $"{answer.Node!.Member.Name} is the only node of the cluster, so no other node could take its partitions; stop its process instead"
                    : $"no other node that is ready could take the partitions of {answer.Node!.Member.Name}; wait until one is ready, or stop its process"),
        };
    }

    private static ClusterNode NodeOf(NodeStatus status)
    {
        ClusterNode node = new()
        {
            Name = status.Member.Name,
            Address = status.Member.Address,
            Roles = status.Member.Roles,
            Status = status.Member.Status,
            Answers = status.Report is not null,
        };
        return status.Report is not { } report
            ? node
            : node with
            {
                Ready = report.IsReady,
                Version = report.Version,
                StartedAt = Rfc3339.ToTime(report.StartedAtMs),
                ModelVersion = report.Model,
                ModelProblem = report.ModelProblem,
                Partitions = [.. report.Partitions.Where(partition => partition.Progress is not null).Select(partition => partition.Partition)],
                Shards = report.Shards,
                Users = report.Partitions.Sum(partition => (long)partition.Users),
            };
    }

    private static ClusterPartition PartitionOf(PartitionStatus status) => new()
    {
        Partition = status.Partition,
        Node = status.Node,
        Users = status.Users,
        UnsavedUsers = status.Progress?.UnsavedUsers,
        Checkpoint = status.Progress?.Checkpoint,
        Next = status.Progress?.Next,
        End = status.End,
        LagRecords = LagOf(status),
        LagMs = status.Progress?.LagMs,
        Fault = status.Progress?.Fault,
    };

    private static long? LagOf(PartitionStatus status) => status.Progress is { } progress ? Math.Max(0, progress.End - progress.Next) : null;
}

using System.CommandLine;
using RecSys.Cli.Hosting;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys cluster</c>: shows the nodes and partitions of a running cluster, and drains a node.</summary>
internal static class ClusterCommands
{
    private static readonly TimeSpan DrainPoll = TimeSpan.FromMilliseconds(500);

    /// <summary>The time after which the command no longer waits for a node that drains; a node stops within half of it.</summary>
    private static readonly TimeSpan DrainMax = TimeSpan.FromSeconds(60);

    public static Command Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        Command cluster = Shared.Command("cluster", "Show and manage the nodes of a running cluster; any node answers for all.", "cluster status");
        cluster.Subcommands.Add(Show(
            shared,
            terminal,
            Shared.Command("status", "Show the nodes: readiness, program, served model and partitions.", "cluster status --server http://10.0.0.7:5080"),
            NodesAndPartitionsAsync,
            response => terminal.Json(response.Cluster, RecSysJsonContext.Wire.ClusterResponse),
            response => ClusterTables.Status(terminal, response.Cluster, response.Partitions, time.GetUtcNow())));
        cluster.Subcommands.Add(Show(
            shared,
            terminal,
            Shared.Command("shards", "Show the partitions of the log: the node of each, its users and its positions.", "cluster shards"),
            (client, cancel) => client.GetPartitionsAsync(cancel),
            response => terminal.Json(response, RecSysJsonContext.Wire.PartitionsResponse),
            response => ClusterTables.Shards(terminal, response)));
        cluster.Subcommands.Add(Show(
            shared,
            terminal,
            Shared.Command("lag", "Show how far ingestion is behind the log, the worst partition first.", "cluster lag"),
            (client, cancel) => client.GetPartitionsAsync(cancel),
            response => terminal.Json(response, RecSysJsonContext.Wire.PartitionsResponse),
            response => ClusterTables.Lag(terminal, response)));
        cluster.Subcommands.Add(Drain(shared, terminal, time));
        return cluster;
    }

    // Both requests run concurrently, because each asks all nodes and waits for a node that does not answer.
    private static async Task<(ClusterResponse Cluster, PartitionsResponse Partitions)> NodesAndPartitionsAsync(IRecSysClient client, CancellationToken cancellationToken)
    {
        Task<ClusterResponse> cluster = client.GetClusterAsync(cancellationToken);
        Task<PartitionsResponse> partitions = client.GetPartitionsAsync(cancellationToken);
        await Task.WhenAll(cluster, partitions);
        return (await cluster, await partitions);
    }

    private static Command Show<T>(
        Shared shared,
        Terminal terminal,
        Command command,
        Func<IRecSysClient, CancellationToken, Task<T>> read,
        Action<T> printJson,
        Action<T> print)
    {
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenRunningAsync(parsed, cancellationToken);
            T response = await read(session.Client, cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                printJson(response);
            }
            else
            {
                print(response);
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Drain(Shared shared, Terminal terminal, TimeProvider time)
    {
        Argument<string> node = IdArgument.Create("node", "The node as cluster status names it, HOST:PORT.", "NODE");
        Command command = Shared.Command(
            "drain", "Drain a node: it hands its partitions over, saves all states, and its process ends with exit code 0.", "cluster drain 10.0.0.7:4053");
        command.Arguments.Add(node);
        command.Options.Add(shared.Json);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await using Session session = await shared.OpenRunningAsync(parsed, cancellationToken);
            ClusterResponse cluster = await session.Client.GetClusterAsync(cancellationToken);
            string name = NameOf(parsed.GetValue(node)!, cluster);
            ClusterNode drained = await session.Client.DrainNodeAsync(name, cancellationToken);
            terminal.Error.WriteLine($"{name} drains: other nodes take its {ClusterTables.Count(drained.Partitions?.Count ?? 0, "partition")}");
            await UntilGoneAsync(session.Client, name, isAsked: name == cluster.Node, time, cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(drained, RecSysJsonContext.Wire.ClusterNode);
            }
            else
            {
                terminal.Out.WriteLine($"{name} has left the cluster");
            }

            return ExitCodes.Done;
        });
        return command;
    }

    private static string NameOf(string wanted, ClusterResponse cluster)
    {
        if (cluster.Nodes.FirstOrDefault(node => node.Name == wanted || node.Address == wanted) is { } found)
        {
            return found.Name;
        }

        string[] names = [.. cluster.Nodes.Select(node => node.Name)];
        throw new CommandException(
            $"the cluster has no node '{wanted}'{(NearestName.Of(wanted, names) is { } near ? $"; did you mean {near}?" : ";")} Its nodes are {string.Join(", ", names)}");
    }

    private static async Task UntilGoneAsync(IRecSysClient client, string name, bool isAsked, TimeProvider time, CancellationToken cancellationToken)
    {
        long began = time.GetTimestamp();
        while (time.GetElapsedTime(began) < DrainMax)
        {
            try
            {
                if ((await client.GetClusterAsync(cancellationToken)).Nodes.All(node => node.Name != name))
                {
                    return;
                }
            }
            catch (RecSysException error) when (isAsked && error.StatusCode is null)
            {
                return; // the node that answered is the one that has stopped
            }
            catch (RecSysException error) when (error.StatusCode is not null)
            {
                // The node that answered with an error may be about to stop.
            }

            await Task.Delay(DrainPoll, time, cancellationToken);
        }

        throw new CommandException($"{name} is still in the cluster after {DrainMax.TotalSeconds} s; recsys cluster status shows its state");
    }
}

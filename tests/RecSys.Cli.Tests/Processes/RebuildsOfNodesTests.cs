using System.Text.Json;
using RecSys.Client;
using RecSys.Eng.Servers;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>Rebuilds of two real servers over one log on Kafka and one PostgreSQL.</summary>
[Trait("Category", "Slow")]
public sealed class RebuildsOfNodesTests
{
    private static readonly JobRequest OfUsers = new() { Kind = "rebuild", Parameters = new() { ["what"] = JsonSerializer.SerializeToElement("users") } };

    private readonly AcknowledgedInteractions _acknowledged = new(users: 40, rowsOfAPhase: 400);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Damaged_states_are_rebuilt_amid_writes_and_states_keep_what_retention_removed()
    {
        await using ClusterServers cluster = await ClusterServers.StartAsync(nodes: 2, partitions: 4);
        await using ServerUnderTest one = await cluster.StartNodeAsync(0);
        await using ServerUnderTest two = await cluster.StartNodeAsync(1);
        using RecSysClient first = new(new RecSysClientOptions { BaseAddress = one.Url!, Timeout = TimeSpan.FromSeconds(60) });
        using RecSysClient second = new(new RecSysClientOptions { BaseAddress = two.Url!, Timeout = TimeSpan.FromSeconds(60) });
        await ClusterServers.UntilMembersAsync(second, 2);
        await _acknowledged.WriteAsync(first);
        await RequireAsync(first);

        await cluster.UntilSavedAsync();
        Assert.True(await cluster.DamageStatesAsync() >= 40);
        Task writing = _acknowledged.WriteAsync(first);
        JobResponse rebuilt = await RunAsync(second, first, new() { Kind = "rebuild" });
        await writing;
        Assert.True(rebuilt.State == JobStates.Succeeded, rebuilt.Message);
        await RequireAsync(first);
        await RequireAsync(second);

        await cluster.UntilSavedAsync();
        await cluster.RemoveRecordsAsync(countOfAPartition: 50);
        JobResponse kept = await RunAsync(first, second, OfUsers);
        Assert.True(kept.State == JobStates.Succeeded, kept.Message);
        await _acknowledged.WriteAsync(second);
        await RequireAsync(first);
        await RequireAsync(second);

        await cluster.UntilSavedAsync();
        await cluster.DamageStatesAsync();
        JobResponse refused = await RunAsync(first, second, OfUsers);
        Assert.Equal(JobStates.Failed, refused.State);
        Assert.Contains("--accept-loss", refused.Message, StringComparison.Ordinal);
        JobResponse accepted = await RunAsync(first, second, OfUsers with { Parameters = new(OfUsers.Parameters!) { ["acceptLoss"] = JsonSerializer.SerializeToElement("true") } });
        Assert.True(accepted.State == JobStates.Succeeded, accepted.Message);
    }

    /// <summary>Starts a job on one node and follows it on another.</summary>
    private static async Task<JobResponse> RunAsync(RecSysClient starts, RecSysClient follows, JobRequest request)
    {
        JobResponse job = await starts.StartJobAsync(request, Cancel);
        while (!job.IsFinished)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(200), TimeProvider.System, Cancel);
            job = (await follows.GetJobAsync(job.Id, Cancel))!;
        }

        return job;
    }

    private async Task RequireAsync(RecSysClient client) => await _acknowledged.RequireAsync(client, ClusterServers.TakeoverMax);
}

using RecSys.Client;

namespace RecSys.Cli.Hosting;

/// <summary>Waits until the actors have applied the log.</summary>
internal static class CatchUp
{
    private static readonly TimeSpan PollPeriod = TimeSpan.FromMilliseconds(20);

    /// <summary>Waits without a limit until all records are applied.</summary>
    /// <param name="client">Client of the server.</param>
    /// <param name="time">Clock that measures the pauses between two calls of the server.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="left">Called with the number of records left.</param>
    public static async Task WaitAsync(IRecSysClient client, TimeProvider time, CancellationToken cancellationToken, Action<long>? left = null)
    {
        while (true)
        {
            PartitionsResponse response = await client.GetPartitionsAsync(cancellationToken);
            if (response.Partitions.All(partition => partition.LagRecords == 0))
            {
                return;
            }

            left?.Invoke(response.LagRecords);
            await Task.Delay(PollPeriod, time, cancellationToken);
        }
    }
}

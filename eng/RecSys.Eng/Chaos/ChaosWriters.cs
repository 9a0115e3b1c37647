using System.Globalization;
using RecSys.Client;

namespace RecSys.Eng.Chaos;

/// <summary>Records interactions in small batches at an even pace, each until a node acknowledges it.</summary>
internal sealed class ChaosWriters(ChaosCluster cluster, ChaosLedger ledger, ChaosRecord record, ChaosOptions options)
{
    /// <summary>Number of items of the catalogue.</summary>
    public const int Items = 2_000;

    private const int WritersCount = 4;
    private const int BatchRows = 20;

    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetriesMax = TimeSpan.FromMinutes(3);
    private static readonly string[] Types = ["view", "view", "view", "click", "click", "like", "addToCart", "purchase"];

    /// <summary>Returns the id of an item.</summary>
    public static string ItemOf(int item) => string.Create(CultureInfo.InvariantCulture, $"item-{item}");

    /// <summary>Records all interactions of the run.</summary>
    /// <param name="pace">The time in which they are to be recorded, if nothing fails.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    public Task RunAsync(TimeSpan pace, CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, WritersCount).Select(writer => Task.Run(() => WriteAsync(writer, pace, cancellationToken), cancellationToken)));

    private async Task WriteAsync(int writer, TimeSpan pace, CancellationToken cancellationToken)
    {
        Random random = new(options.Seed + writer);
        int rows = (options.Interactions / WritersCount) + (writer < options.Interactions % WritersCount ? 1 : 0);
        int own = (options.Users - writer + WritersCount - 1) / WritersCount; // users writer, writer + 4, writer + 8, …
        long began = TimeProvider.System.GetTimestamp();
        for (int sent = 0; sent < rows;)
        {
            int[] users = [.. Enumerable.Range(0, Math.Min(BatchRows, rows - sent)).Select(_ => writer + (random.Next(own) * WritersCount))];
            InteractionBody[] batch = [.. users.Select(user => ledger.New(user, ItemNear(random, user), Types[random.Next(Types.Length)]))];
            ledger.Acknowledge(users, await RecordAsync(batch, random, cancellationToken));
            sent += users.Length;
            record.OnAcknowledged(users.Length);
            TimeSpan early = (pace * ((double)sent / rows)) - TimeProvider.System.GetElapsedTime(began);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, TimeProvider.System, cancellationToken);
            }
        }
    }

    // Groups of users prefer groups of items, so that a model has something to learn.
    private static string ItemNear(Random random, int user) =>
        ItemOf(random.Next(4) == 0 ? random.Next(Items) : ((user % 20 * (Items / 20)) + random.Next(Items / 20)) % Items);

    private async Task<string> RecordAsync(InteractionBody[] batch, Random random, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            ChaosNode node = cluster.Balanced(random);
            try
            {
                if (node.Client is { } client)
                {
                    return (await client.RecordAsync(batch, cancellationToken)).Position;
                }
            }
            catch (RecSysException failure)
            {
                record.OnWriteFailed(node, failure);
                if (TimeProvider.System.GetElapsedTime(began) > RetriesMax)
                {
                    throw new InvalidOperationException($"no node acknowledges a batch within {RetriesMax.TotalSeconds} s: {failure.Message}");
                }
            }

            await Task.Delay(RetryAfter, TimeProvider.System, cancellationToken);
        }
    }
}

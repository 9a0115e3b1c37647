using System.Globalization;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Kafka;
using RecSys.Postgres;
using RecSys.Sqlite;
using RecSys.TestKit;

namespace RecSys.Eng.Chaos;

/// <summary>The checks at the end of a run: all that was acknowledged is held once, and each saved profile equals the fold of the log.</summary>
internal static class ChaosCheck
{
    private const int ReadersMax = 8;
    private const int ReadMax = 4_096;
    private const int ProblemsShown = 3;

    private static readonly TimeSpan ReflectedMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>Asks the nodes in turn for the history of each user.</summary>
    public static async Task HistoriesAsync(ChaosCluster cluster, ChaosLedger ledger, ChaosBars bars, CancellationToken cancellationToken)
    {
        List<string> problems = [];
        ParallelOptions parallel = new() { MaxDegreeOfParallelism = ReadersMax, CancellationToken = cancellationToken };
        await Parallel.ForAsync(0, ledger.Users, parallel, async (user, cancel) =>
        {
            string? problem = await ProblemOfAsync(cluster.Nodes[user % cluster.Nodes.Count], ledger, user, cancel);
            if (problem is not null)
            {
                lock (problems)
                {
                    problems.Add(problem);
                }
            }
        });
        bars.Add(
            "every acknowledged interaction is in its user's history once",
            string.Create(CultureInfo.InvariantCulture, $"{ledger.Total:N0} of {ledger.Users:N0} users; {Text(problems)}"),
            problems.Count == 0);
    }

    /// <summary>Compares the states in the database with the fold of the log, after all nodes have stopped in order.</summary>
    public static async Task StatesAsync(ChaosCluster cluster, ChaosLedger ledger, ChaosPersons persons, ChaosBars bars, CancellationToken cancellationToken)
    {
        string folder = cluster.Nodes[0].Folder;
        OwnerHash hash = SqliteInstallation.OpenOwnerHash(Path.Combine(folder, "log.db"));
        ProfileFold fold = await FoldAsync(cluster, folder, hash, cancellationToken);
        PostgresOptions options = new() { Url = cluster.Database.Url, Password = PostgresServer.Password };
        await using PostgresStore store = PostgresStore.Create(options, TimeProvider.System, NullLogger<PostgresStore>.Instance);
        Dictionary<Owner, ReadOnlyMemory<byte>> saved = [];
        await foreach (SavedState state in new PostgresSnapshotTable(store).ReadAllAsync(cancellationToken))
        {
            if (Owner.TryParse(state.Owner, out Owner owner))
            {
                saved[owner] = state.State;
            }
        }

        List<string> held = [];
        for (int user = 0; user < ledger.Users; user++)
        {
            List<string?> ids = [];
            foreach (ProfileInteraction interaction in fold[hash.Of(new UserId(ChaosLedger.UserOf(user)))].History)
            {
                ids.Add(interaction.Id);
            }

            if (ledger.ProblemOf(user, ids) is { } problem)
            {
                held.Add(problem);
            }
        }

        bars.Add("the fold of the log has every acknowledged interaction once", Text(held), held.Count == 0);
        List<string> different = [];
        foreach (Owner owner in fold.Owners)
        {
            ReadOnlySpan<byte> wanted = UserProfileCodec.Encode(fold[owner]);
            if (!saved.TryGetValue(owner, out ReadOnlyMemory<byte> found))
            {
                different.Add($"the state of {owner} was not saved");
            }
            else if (!found.Span.SequenceEqual(wanted))
            {
                UserProfile profile = UserProfileCodec.Decode(found.Span);
                different.Add(string.Create(
                    CultureInfo.InvariantCulture, $"the state of {owner} has {profile.Count} interactions up to {profile.Position}, the fold {fold[owner].Count} up to {fold[owner].Position}"));
            }
        }

        different.AddRange(saved.Keys.Where(owner => fold[owner].Position.Equals(UserProfile.Empty.Position)).Select(owner => $"the state of {owner} has no record in the log"));
        bars.Add(
            "every saved profile equals the fold of the log, byte for byte",
            string.Create(CultureInfo.InvariantCulture, $"{fold.Count:N0} profiles; {Text(different)}"),
            different.Count == 0);
        string[] remaining = [.. persons.Erased.Where(person => fold[hash.Of(new UserId(person))].Count > 0)];
        if (persons.Erased.Count > 0)
        {
            bars.Add("an erased person has no interaction", $"{persons.Erased.Count} erased; {Text(remaining)}", remaining.Length == 0);
        }
    }

    private static async Task<ProfileFold> FoldAsync(ChaosCluster cluster, string folder, OwnerHash hash, CancellationToken cancellationToken)
    {
        KafkaLogOptions options = new() { Partitions = ChaosCluster.Partitions };
        KafkaLogIdentity identity = KafkaLogIdentity.Decode(await File.ReadAllBytesAsync(Path.Combine(folder, KafkaLogIdentity.FileName), cancellationToken), folder);
        await using KafkaInteractionLog log = await KafkaInteractionLog.OpenAsync(
            new KafkaAddress(cluster.Kafka.Servers), options, hash, identity, TimeProvider.System, NullLogger.Instance);
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken);
        ProfileFold fold = new();
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            using ILogReader reader = log.OpenReader(partition, 0);
            while (reader.Next < ranges[partition].End)
            {
                fold.Apply(log.Shape.Epoch, partition, (await reader.ReadAsync(ReadMax, cancellationToken)).Entries);
            }
        }

        return fold;
    }

    private static async Task<string?> ProblemOfAsync(ChaosNode node, ChaosLedger ledger, int user, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            string failure = "it is not reflected";
            try
            {
                HistoryResponse history = await node.Client!.GetHistoryAsync(
                    ChaosLedger.UserOf(user), count: 1_000, after: ledger.PositionOf(user), cancellationToken: cancellationToken);
                if (history.Reflected is not false)
                {
                    return ledger.ProblemOf(user, [.. history.Items.Select(item => item.Id)]);
                }
            }
            catch (RecSysException error)
            {
                failure = error.Message;
            }

            if (TimeProvider.System.GetElapsedTime(began) > ReflectedMax)
            {
                return $"{ChaosLedger.UserOf(user)}: its history cannot be read up to its last acknowledged interaction: {failure}";
            }

            await Task.Delay(RetryAfter, TimeProvider.System, cancellationToken);
        }
    }

    private static string Text(IReadOnlyCollection<string> problems) =>
        problems.Count == 0 ? "no difference" : $"{problems.Count} differences: {string.Join("; ", problems.Take(ProblemsShown))}";
}

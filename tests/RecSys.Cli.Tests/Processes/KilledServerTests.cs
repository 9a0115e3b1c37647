using System.Diagnostics;
using System.Globalization;
using System.Net;
using RecSys.Cli.Bench;
using RecSys.Client;
using RecSys.Numerics;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program, killed at random moments of ingest, state saves, publishing and model swaps.</summary>
[Trait("Category", "Slow")]
public sealed class KilledServerTests : IDisposable
{
    private const int Rounds = 20;
    private const int Users = 1_000;
    private const int BatchRows = 20;

    // 10 interactions a user and round: a profile holds all of them, and a training takes no longer than a round.
    private const int BatchesMax = 500;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    // Saves and trainings so often that a kill meets them.
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["recsys:speed:saveAfter"] = "00:00:00.200",
        ["recsys:batch:firstAfter"] = "00:00:01",
        ["recsys:batch:interval"] = "00:00:01",
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-kill-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Nothing_acknowledged_is_lost_and_nothing_counts_twice()
    {
        SeededRandom random = new(2026);
        Ledger ledger = new();
        HashSet<string> modelsSeen = [];
        for (int round = 0; round < Rounds; round++)
        {
            await using ServerProcess server = await ServerProcess.StartAsync(_folder.FullName, Settings, TimeProvider.System, Cancel);
            using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Url, RetriesMax = 0, Timeout = TimeSpan.FromSeconds(30) });
            await CheckAsync(client, ledger, modelsSeen, round);

            Task sending = SendUntilKilledAsync(client, ledger, round);
            if (round % 4 == 3)
            {
                await UntilNewModelAsync(client);
                await Task.Delay(TimeSpan.FromMilliseconds(random.NextInt(50)), TimeProvider.System, Cancel);
            }
            else
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200 + random.NextInt(2_500)), TimeProvider.System, Cancel);
            }

            using Process process = Process.GetProcessById(server.ProcessId);
            process.Kill();
            await sending;
        }

        await using ServerProcess last = await ServerProcess.StartAsync(_folder.FullName, Settings, TimeProvider.System, Cancel);
        using RecSysClient reader = new(new RecSysClientOptions { BaseAddress = last.Url, Timeout = TimeSpan.FromSeconds(30) });
        await CheckAsync(reader, ledger, modelsSeen, Rounds);
        Assert.True(ledger.AcknowledgedCount > Rounds * BatchRows, $"only {ledger.AcknowledgedCount} interactions were acknowledged");
        Assert.True(modelsSeen.Count > 1, "no model was published between the kills");
    }

    private static async Task SendUntilKilledAsync(RecSysClient client, Ledger ledger, int round)
    {
        for (int batch = 0; batch < BatchesMax; batch++)
        {
            // Every other batch repeats what a kill left unanswered: a retry counts once.
            InteractionBody[] rows = ledger.NextBatch(round, batch);
            try
            {
                AcceptedResponse accepted = await client.RecordAsync(rows, Cancel);
                ledger.Acknowledge(rows, accepted.Position);
            }
            catch (RecSysException error) when (error.StatusCode is null or HttpStatusCode.ServiceUnavailable)
            {
                ledger.Unanswered(rows);
                return;
            }
        }
    }

    // A kill soon after a model came to be served, so that some of the kills meet a swap.
    private static async Task UntilNewModelAsync(RecSysClient client)
    {
        string? before = (await client.GetStatusAsync(Cancel)).ModelVersion;
        using CancellationTokenSource patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(Patience);
        while ((await client.GetStatusAsync(patience.Token)).ModelVersion == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, patience.Token);
        }
    }

    private static async Task CheckAsync(RecSysClient client, Ledger ledger, HashSet<string> modelsSeen, int round)
    {
        for (int user = 0; user < Users; user++)
        {
            string id = UserOf(user);
            HistoryResponse history = await client.GetHistoryAsync(id, count: 1_024, after: ledger.LastPosition, cancellationToken: Cancel);
            Assert.True(history.Reflected ?? true, $"round {round}: what was acknowledged is not reflected");
            string[] held = [.. history.Items.Select(item => item.Id!)];
            Assert.Equal(held.Distinct().Count(), held.Length);
            Assert.Empty(ledger.Acknowledged(id).Except(held));
            Assert.Empty(held.Except(ledger.Sent(id)));
        }

        StatusResponse status = await client.GetStatusAsync(Cancel);
        if (status.ModelVersion is { } version)
        {
            modelsSeen.Add(version);
            ModelPage models = await client.GetModelsAsync(Cancel);
            Assert.Contains(version, models.Items.Select(model => model.Version));
        }

        RecommendationsResponse slate = await client.GetRecommendationsAsync(UserOf(0), cancellationToken: Cancel);
        Assert.Equal(status.ModelVersion is null, slate.ModelVersion is null);
    }

    private static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");

    /// <summary>What was sent, and what of it was acknowledged.</summary>
    private sealed class Ledger
    {
        private readonly Dictionary<string, HashSet<string>> _acknowledged = [];
        private readonly Dictionary<string, HashSet<string>> _sent = [];
        private InteractionBody[]? _unanswered;

        public string? LastPosition { get; private set; }

        public int AcknowledgedCount => _acknowledged.Values.Sum(ids => ids.Count);

        public HashSet<string> Acknowledged(string user) => Of(_acknowledged, user);

        public HashSet<string> Sent(string user) => Of(_sent, user);

        public InteractionBody[] NextBatch(int round, int batch)
        {
            if (_unanswered is { } again)
            {
                _unanswered = null;
                return again;
            }

            return [.. Enumerable.Range(0, BatchRows).Select(row => New(round, batch, row))];
        }

        public void Acknowledge(InteractionBody[] rows, string position)
        {
            LastPosition = position;
            foreach (InteractionBody row in rows)
            {
                Of(_acknowledged, row.UserId).Add(row.Id!);
            }
        }

        public void Unanswered(InteractionBody[] rows) => _unanswered = rows;

        private InteractionBody New(int round, int batch, int row)
        {
            // Ten circles of users with items of their own: there is something to learn, and the gate lets it pass.
            int number = (batch * BatchRows) + row;
            int user = (number * 7) % Users;
            int item = (user % 10) + (10 * ((((number * 31) / Users) + number) % 20));
            InteractionBody body = new()
            {
                UserId = UserOf(user),
                ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{item}"),
                Type = "click",
                Id = string.Create(CultureInfo.InvariantCulture, $"{round}-{batch}-{row}"),
            };
            Of(_sent, body.UserId).Add(body.Id);
            return body;
        }

        private static HashSet<string> Of(Dictionary<string, HashSet<string>> sets, string user)
        {
            if (!sets.TryGetValue(user, out HashSet<string>? set))
            {
                sets[user] = set = [];
            }

            return set;
        }
    }
}

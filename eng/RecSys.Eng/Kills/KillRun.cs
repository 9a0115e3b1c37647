using System.Globalization;
using RecSys.Client;
using RecSys.Eng.Servers;

namespace RecSys.Eng.Kills;

/// <summary>Kills a real server at random moments of writes, saves, erasures, trainings, publishing, rebuilds and backups, and checks the data after each start.</summary>
/// <remarks>
/// Each acknowledged operation must be present once, no erased data may reappear, the states must equal those of a rebuild from the log, and in the end no byte of an erased person
/// may be left in any file.
/// </remarks>
public sealed class KillRun
{
    /// <summary>Number of kills in a report.</summary>
    public const int RoundsOfAReport = 200;

    private const int ViolationsMax = 20;
    private const int Groups = 20;
    private const int UsersOfAGroup = 40;
    private const int Items = 30;
    private const int BatchRows = 20;
    private const int StreamRows = 300;
    private const int ReadersMax = 8;
    private const int RetriesOfChecks = 3;

    // A profile contains at most 1,024 interactions: the users of a group get fewer in all rounds of their group together.
    private const int RowsOfARound = 2_400;

    private const int RebuildEvery = 10;
    private const int ModelEvery = 4;
    private const int BackupEvery = 10;
    private const int BackupRound = 2;
    private const int OperationEveryMsMax = 150;
    private const int NewestChecked = 20;
    private const string Trace = "trace-of-a-person-";

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan NewModelMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ErasureMax = TimeSpan.FromSeconds(60);

    // Saves and trainings run so often that some kills interrupt them.
    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["recsys:speed:saveAfter"] = "00:00:00.200",
        ["recsys:speed:foldSaveEvery"] = "00:00:00.300",
        ["recsys:speed:checkpointEvery"] = "00:00:00.500",
        ["recsys:batch:firstAfter"] = "00:00:01",
        ["recsys:batch:interval"] = "00:00:01",
    };

    private readonly string _folder;
    private readonly Random _random;
    private readonly Ledger _ledger = new();
    private readonly List<string> _violations = [];
    private readonly HashSet<string> _models = [];
    private int _persons;
    private int _guests;
    private string? _job;

    private KillRun(string folder, int seed)
    {
        _folder = folder;
        _random = new Random(seed);
    }

    /// <summary>Runs a report's kills in a temporary folder.</summary>
    /// <returns>0 if no guarantee was violated, else 1.</returns>
    internal static async Task<int> ReportAsync(int rounds, int seed, Report report, CancellationToken cancellationToken)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recsys-kills-");
        try
        {
            KillResult result = await RunAsync(folder.FullName, rounds, seed, text => Console.Error.WriteLine(text), cancellationToken);
            report.Line($"{Report.Date()}: {rounds} kills with seed {seed}; {(result.Violations.Count == 0 ? "no guarantee was violated" : $"**{result.Violations.Count} violations**")}.");
            report.Line("");
            report.Row("acknowledged", "count");
            report.Line("|---|---|");
            foreach ((string kind, long count) in result.Acknowledged)
            {
                report.Row(kind, count.ToString("N0", CultureInfo.InvariantCulture));
            }

            foreach (string violation in result.Violations)
            {
                report.Row("**violated**", violation);
            }

            report.Save();
            return result.Violations.Count == 0 ? 0 : 1;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Starts, checks and kills a server repeatedly.</summary>
    /// <param name="folder">An empty data folder.</param>
    /// <param name="rounds">How many kills.</param>
    /// <param name="seed">Seed of the moments and of the written data.</param>
    /// <param name="progress">Called with each round.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    public static async Task<KillResult> RunAsync(string folder, int rounds, int seed, Action<string> progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(progress);
        KillRun run = new(folder, seed);
        for (int round = 0; round < rounds && run._violations.Count < ViolationsMax; round++)
        {
            await run.RoundAsync(round, cancellationToken);
            progress(string.Create(CultureInfo.InvariantCulture, $"kill {round + 1} of {rounds}: {run._ledger.Acknowledged.Values.Sum()} acknowledged, {run._models.Count} models, {run._violations.Count} violations"));
        }

        await run.EndAsync(rounds, cancellationToken);
        SortedDictionary<string, long> acknowledged = run._ledger.Acknowledged;
        acknowledged["models seen"] = run._models.Count;
        return new KillResult(acknowledged, run._violations);
    }

    private async Task RoundAsync(int round, CancellationToken cancellationToken)
    {
        await using ServerUnderTest? server = await StartAsync(round, cancellationToken);
        if (server is null)
        {
            return;
        }

        using RecSysClient client = Client(server);

        // A server that catches up on a busy machine may answer "retry in a moment". No writer runs here, and a repeated request counts once.
        using RecSysClient retrying = Client(server, RetriesOfChecks);
        try
        {
            await SendAgainAsync(retrying, cancellationToken);
            await RequireJobAsync(retrying, round, cancellationToken);
            bool isWhole = round % RebuildEvery == RebuildEvery - 1;
            string[] users = _ledger.Users;
            await CheckAsync(retrying, round, isWhole ? users : [.. GroupOf(round), .. GroupOf(round + Groups - 1), .. users.TakeLast(NewestChecked)], cancellationToken);
            if (isWhole)
            {
                await CompareWithRebuildAsync(retrying, round, cancellationToken);
            }
        }
        catch (RecSysException error)
        {
            _violations.Add($"round {round}: a call fails: {error.Message}");
        }

        Task[] writers =
        [
            WriteAsync("interactions in batches", client, round, BatchRows, cancellationToken),
            WriteAsync("interactions one by one", client, round, 1, cancellationToken),
            StreamAsync(client, round, cancellationToken),
            OperateAsync(client, round, cancellationToken),
            round % BackupEvery == BackupRound ? BackUpAsync(round, cancellationToken) : Task.CompletedTask,
        ];
        if (round % ModelEvery == ModelEvery - 1)
        {
            await UntilNewModelAsync(client, cancellationToken);
            await Task.Delay(TimeSpan.FromMilliseconds(_random.Next(50)), TimeProvider.System, cancellationToken);
        }
        else
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50 + _random.Next(1_800)), TimeProvider.System, cancellationToken);
        }

        await server.KillAsync();
        await Task.WhenAll(writers);
    }

    // Waits until a model was published, so that some kills interrupt the replacement of the served model.
    private static async Task UntilNewModelAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        string? before = (await client.GetStatusAsync(cancellationToken)).ModelVersion;
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < NewModelMax && (await client.GetStatusAsync(cancellationToken)).ModelVersion == before)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, cancellationToken);
        }
    }

    private async Task EndAsync(int round, CancellationToken cancellationToken)
    {
        await using ServerUnderTest? server = await StartAsync(round, cancellationToken);
        if (server is null)
        {
            return;
        }

        using RecSysClient client = Client(server, RetriesOfChecks);
        await SendAgainAsync(client, cancellationToken);
        await RequireJobAsync(client, round, cancellationToken);
        foreach (string person in Enumerable.Range(0, _persons).Select(PersonOf).Except(_ledger.Erased))
        {
            await OperateAsync(client, new Operation(Operation.Erase, person), cancellationToken);
        }

        await CheckAsync(client, round, _ledger.Users, cancellationToken);
        await CompareWithRebuildAsync(client, round, cancellationToken);
        foreach (string receipt in _ledger.Receipts)
        {
            if (!await Damage.Installation.UntilErasedAsync(server.Url!, receipt, ErasureMax, cancellationToken))
            {
                _violations.Add($"the erasure {receipt} is not done within {ErasureMax.TotalSeconds} s");
                break;
            }
        }

        _violations.AddRange(Folders.FilesWith(_folder, Trace).Select(file => $"bytes of an erased person are left in {file}"));
        if (await server.StopAsync(StartMax) != 0)
        {
            _violations.Add("the server does not stop in order");
        }

        _violations.AddRange(Folders.FilesWith(_folder, Trace).Select(file => $"bytes of an erased person are left in {file} after the end"));
    }

    private async Task<ServerUnderTest?> StartAsync(int round, CancellationToken cancellationToken)
    {
        ServerUnderTest server = await ServerUnderTest.LaunchAsync(_folder, Settings, StartMax, cancellationToken);
        if (server.Url is not null)
        {
            return server;
        }

        _violations.Add($"round {round}: the server does not start: {(server.Log is [.., { } last] ? last : "")}");
        await server.DisposeAsync();
        return null;
    }

    // A rebuild that was started is known after the kill: it is done, or has failed because it was interrupted.
    private async Task RequireJobAsync(RecSysClient client, int round, CancellationToken cancellationToken)
    {
        if (_job is { } id)
        {
            _job = null;
            if (await client.GetJobAsync(id, cancellationToken) is null)
            {
                _violations.Add($"round {round}: the job {id} is lost");
            }
            else
            {
                await client.WaitForJobAsync(id, cancellationToken: cancellationToken); // queued ones are started
            }
        }
    }

    // An operation without an answer may be stored or not; it is sent again and must count once.
    private async Task SendAgainAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        while (_ledger.TryRemoveUnanswered(out Operation operation))
        {
            await OperateAsync(client, operation, cancellationToken);
        }
    }

    private async Task CheckAsync(RecSysClient client, int round, IEnumerable<string> users, CancellationToken cancellationToken)
    {
        foreach ((string user, HistoryResponse history) in await HistoriesAsync(client, users, cancellationToken))
        {
            if (history.Reflected is false)
            {
                _violations.Add($"round {round}: acknowledged records of {user} are not reflected");
            }
            else if (_ledger.ProblemOf(user, history.Items) is { } problem)
            {
                _violations.Add($"round {round}: {problem}");
            }
        }

        foreach (string item in _ledger.Items)
        {
            if (_ledger.ProblemOfTitle(item, (await client.GetItemAsync(item, cancellationToken))?.Title) is { } problem)
            {
                _violations.Add($"round {round}: {problem}");
            }
        }

        if ((await client.GetStatusAsync(cancellationToken)).ModelVersion is { } version)
        {
            _models.Add(version);
            if (!(await client.GetModelsAsync(cancellationToken)).Items.Any(model => model.Version == version))
            {
                _violations.Add($"round {round}: the served model {version} is not listed");
            }
        }
        else if (_models.Count > 0)
        {
            _violations.Add($"round {round}: no model is served after {_models.Count} were");
        }
    }

    private async Task CompareWithRebuildAsync(RecSysClient client, int round, CancellationToken cancellationToken)
    {
        Dictionary<string, HistoryResponse> before = await HistoriesAsync(client, _ledger.Users, cancellationToken);
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = "rebuild" }, cancellationToken);
        JobResponse ended = await client.WaitForJobAsync(job.Id, cancellationToken: cancellationToken);
        if (ended.State != JobStates.Succeeded)
        {
            _violations.Add($"round {round}: a rebuild ended as {ended.State}: {ended.Message}");
            return;
        }

        foreach ((string user, HistoryResponse after) in await HistoriesAsync(client, _ledger.Users, cancellationToken))
        {
            if (!after.Items.SequenceEqual(before[user].Items))
            {
                _violations.Add($"round {round}: the state of {user} differs from that of a rebuild");
            }
        }
    }

    private async Task<Dictionary<string, HistoryResponse>> HistoriesAsync(RecSysClient client, IEnumerable<string> users, CancellationToken cancellationToken)
    {
        Dictionary<string, HistoryResponse> histories = new(StringComparer.Ordinal);
        ParallelOptions options = new() { MaxDegreeOfParallelism = ReadersMax, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(users.Distinct(StringComparer.Ordinal), options, async (user, cancel) =>
        {
            HistoryResponse history = await client.GetHistoryAsync(user, count: 1_024, after: _ledger.LastPosition, cancellationToken: cancel);
            lock (histories)
            {
                histories[user] = history;
            }
        });
        return histories;
    }

    private async Task WriteAsync(string kind, RecSysClient client, int round, int rows, CancellationToken cancellationToken)
    {
        string[] users = GroupOf(round);
        for (int sent = 0; sent < RowsOfARound / 3; sent += rows)
        {
            InteractionBody[] batch = [.. Enumerable.Range(0, rows).SelectMany(row => _ledger.New(users[(sent + row) % users.Length], 1))];
            try
            {
                AcceptedResponse accepted = rows == 1
                    ? await client.RecordAsync(batch[0], cancellationToken)
                    : await client.RecordAsync(batch, cancellationToken);
                _ledger.Acknowledge(kind, batch, accepted.Position);
            }
            catch (RecSysException)
            {
                return; // killed
            }
        }
    }

    private async Task StreamAsync(RecSysClient client, int round, CancellationToken cancellationToken)
    {
        string[] users = GroupOf(round);
        for (int sent = 0; sent < RowsOfARound / 3; sent += StreamRows)
        {
            InteractionBody[] rows = [.. Enumerable.Range(0, StreamRows).SelectMany(row => _ledger.New(users[row % users.Length], 1))];
            try
            {
                AcceptedResponse accepted = (await client.RecordStreamAsync(rows.ToAsyncEnumerable(), cancellationToken: cancellationToken))!;
                _ledger.Acknowledge("interactions in streams", rows, accepted.Position);
            }
            catch (RecSysException)
            {
                return;
            }
        }
    }

    // A backup reads the files itself, so it succeeds whether the server is killed meanwhile or not.
    private async Task BackUpAsync(int round, CancellationToken cancellationToken)
    {
        Dictionary<string, string[]> before = _ledger.AcknowledgedOf(GroupOf(round));
        string? position = _ledger.LastPosition;
        string backup = _folder + "-backup";
        string restored = _folder + "-restored";
        try
        {
            foreach (string[] arguments in new string[][]
            {
                ["backup", backup, "--data", _folder],
                ["restore", backup, "--data", restored, "--erasures-from", _folder],
            })
            {
                CommandRun command = await CommandRun.RunAsync(ServerUnderTest.Program, arguments, folder: null, StartMax, cancellationToken);
                if (command.ExitCode != 0)
                {
                    _violations.Add($"round {round}: {arguments[0]} ends with {command.ExitCode?.ToString(CultureInfo.InvariantCulture) ?? "a timeout"}: {command.Output.Trim()}");
                    return;
                }
            }

            await CheckBackupAsync(restored, round, before, position, cancellationToken);
        }
        finally
        {
            foreach (string folder in new[] { backup, restored }.Where(Directory.Exists))
            {
                Directory.Delete(folder, recursive: true);
            }
        }
    }

    private async Task CheckBackupAsync(
        string folder, int round, Dictionary<string, string[]> before, string? position, CancellationToken cancellationToken)
    {
        await using ServerUnderTest server = await ServerUnderTest.LaunchAsync(folder, Settings, StartMax, cancellationToken);
        if (server.Url is null)
        {
            _violations.Add($"round {round}: a restored backup does not start: {(server.Log is [.., { } last] ? last : "")}");
            return;
        }

        using RecSysClient client = Client(server, RetriesOfChecks);
        foreach ((string user, string[] ids) in before)
        {
            HistoryResponse history = await client.GetHistoryAsync(user, count: 1_024, after: position, cancellationToken: cancellationToken);
            if (history.Reflected is false)
            {
                _violations.Add($"round {round}: a restored backup does not reflect the position at which it began");
                return;
            }

            if (_ledger.ProblemOfBackup(user, ids, history.Items) is { } problem)
            {
                _violations.Add($"round {round}: {problem}");
            }
        }

        _ledger.Count("backups restored and checked");
    }

    // Erasures, merges, retractions, item changes, aliases and rebuilds, in random order.
    private async Task OperateAsync(RecSysClient client, int round, CancellationToken cancellationToken)
    {
        Random random = new(_random.Next());
        try
        {
            while (true)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(random.Next(OperationEveryMsMax)), TimeProvider.System, cancellationToken);
                switch (random.Next(8))
                {
                    case 0 or 1:
                        string person = PersonOf(_persons++);
                        await SendAsync(person, Trace + person);
                        await OperateAsync(client, new Operation(Operation.Erase, person), cancellationToken);
                        break;
                    case 2:
                        string member = string.Create(CultureInfo.InvariantCulture, $"member-{_guests++}");
                        string guest = "guest-of-" + member;
                        await SendAsync(member, null);
                        await SendAsync(guest, null);
                        await OperateAsync(client, new Operation(Operation.Merge, member, guest), cancellationToken);
                        break;
                    case 3:
                        string user = GroupOf(round)[random.Next(UsersOfAGroup)];
                        InteractionBody[] rows = await SendAsync(user, null);
                        await OperateAsync(client, new Operation(Operation.Retract, user, rows[0].Id!), cancellationToken);
                        break;
                    case 4 or 5:
                        string item = string.Create(CultureInfo.InvariantCulture, $"item-{random.Next(10)}-{random.Next(Items / 2)}");
                        string title = _ledger.NewTitle(item);
                        AcceptedResponse put = await client.PutItemAsync(item, new ItemBody { Title = title }, cancellationToken);
                        _ledger.AcknowledgeTitle(item, title, put.Position);
                        break;
                    case 6 when (await client.GetModelsAsync(cancellationToken)).Items is { Count: > 1 } models:
                        await client.PromoteModelAsync(models[random.Next(2)].Version, cancellationToken);
                        break;
                    case 7 when random.Next(4) == 0:
                        _job = (await client.StartJobAsync(new JobRequest { Kind = "rebuild" }, cancellationToken)).Id;
                        break;
                }
            }
        }
        catch (RecSysException)
        {
            // Killed.
        }

        async Task<InteractionBody[]> SendAsync(string user, string? device)
        {
            InteractionBody[] rows = _ledger.New(user, 3, device);
            AcceptedResponse accepted = await client.RecordAsync(rows, cancellationToken);
            _ledger.Acknowledge("interactions of persons and guests", rows, accepted.Position);
            return rows;
        }
    }

    private async Task OperateAsync(RecSysClient client, Operation operation, CancellationToken cancellationToken)
    {
        try
        {
            string position;
            switch (operation.Kind)
            {
                case Operation.Erase:
                    ErasureResponse erased = await client.EraseUserAsync(operation.Subject, cancellationToken);
                    _ledger.Receipts.Add(erased.Receipt);
                    position = erased.Position;
                    break;
                case Operation.Merge:
                    position = (await client.MergeUsersAsync(operation.Subject, operation.Object, cancellationToken)).Position;
                    break;
                default:
                    position = (await client.RetractAsync(operation.Subject, operation.Object, cancellationToken)).Position;
                    break;
            }

            _ledger.Acknowledge(operation, position);
        }
        catch (RecSysException)
        {
            _ledger.AddUnanswered(operation);
            throw;
        }
    }

    private static RecSysClient Client(ServerUnderTest server, int retries = 0) =>
        new(new RecSysClientOptions { BaseAddress = server.Url, RetriesMax = retries, Timeout = TimeSpan.FromSeconds(30) });

    private static string[] GroupOf(int round) =>
        [.. Enumerable.Range(0, UsersOfAGroup).Select(user => string.Create(CultureInfo.InvariantCulture, $"user-{round % Groups}-{user}"))];

    private static string PersonOf(int number) => string.Create(CultureInfo.InvariantCulture, $"person-{number}");
}

/// <summary>Result of a run of kills.</summary>
/// <param name="Acknowledged">How many operations of each kind were acknowledged.</param>
/// <param name="Violations">The violations of guarantees, one text each; empty if there are none.</param>
public sealed record KillResult(SortedDictionary<string, long> Acknowledged, IReadOnlyList<string> Violations);

using System.Text.RegularExpressions;
using RecSys.Client;
using RecSys.Eng.Servers;

namespace RecSys.Eng.Damage;

/// <summary>Damages a copy of an installation in every way, one at a time, and checks how a server reacts.</summary>
/// <remarks>
/// The server may refuse to start, heal the damage, or report the loss: in its log or through <c>recsys doctor</c>. A loss without a report, a crash, a stop that does not end,
/// a job that does not end, and an erasure receipt that is "done" while bytes of the person remain are failures.
/// </remarks>
internal sealed partial class DamageRun
{
    private const int LogLinesMax = 200;
    private const int TextMax = 180;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(90);
    private static readonly TimeSpan StopMax = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan JobMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ErasureMax = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(20);

    private readonly string _folder;
    private readonly Installation _installation;
    private Observation _expected = new();
    private HashSet<string> _usualLines = [];
    private HashSet<string> _usualFindings = [];

    private DamageRun(string folder, Installation installation)
    {
        _folder = folder;
        _installation = installation;
    }

    /// <summary>Runs the cases and reports them.</summary>
    /// <param name="only">Runs only cases whose title or damage contains this; null: all.</param>
    /// <param name="report">Receives the table.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    /// <returns>0 if no case failed, else 1.</returns>
    public static async Task<int> RunAsync(string? only, Report report, CancellationToken cancellationToken)
    {
        DirectoryInfo scratch = Directory.CreateTempSubdirectory("recsys-damage-");
        try
        {
            Installation here = await Installation.MakeAsync(scratch.FullName, "here", cancellationToken);
            Installation other = await Installation.MakeAsync(scratch.FullName, "other", cancellationToken);
            DamageRun run = new(Path.Combine(scratch.FullName, "case"), here);
            await run.RecordUsualAsync(cancellationToken);
            List<(DamageCase Case, Outcome Outcome)> outcomes = [];
            foreach (DamageCase damage in DamageCase.Of(here, other).Where(damage => only is null || $"{damage.Title} {damage.Damage}".Contains(only, StringComparison.Ordinal)))
            {
                Outcome outcome = await run.TryAsync(damage, cancellationToken);
                outcomes.Add((damage, outcome));
                await Console.Error.WriteLineAsync($"{outcome.Word,-10} {damage.Title}, {damage.Damage}: {outcome.Text}");
            }

            Write(outcomes, report);
            return outcomes.Exists(outcome => outcome.Outcome.Verdict == Verdict.Failed) ? 1 : 0;
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
    }

    // Damages with the same outcome share a row.
    private static void Write(List<(DamageCase Case, Outcome Outcome)> outcomes, Report report)
    {
        report.Line(
            $"{Report.Date()}: {outcomes.Count} damages; "
            + string.Join(", ", outcomes.GroupBy(outcome => outcome.Outcome.Verdict).OrderBy(group => group.Key).Select(group => $"{group.Count()} {group.First().Outcome.Word}")) + ".");
        report.Line("");
        report.Row("file", "damage", "outcome", "what happens");
        report.Line("|---|---|---|---|");
        foreach (var row in outcomes.GroupBy(outcome => (outcome.Case.Title, outcome.Outcome)))
        {
            report.Row($"`{row.Key.Title}`", string.Join("; ", row.Select(outcome => outcome.Case.Damage)), row.Key.Outcome.Word, row.Key.Outcome.Text);
        }

        report.Save();
    }

    /// <summary>Records the answers, log lines and findings of an undamaged copy, with which those of damaged copies are compared.</summary>
    private async Task RecordUsualAsync(CancellationToken cancellationToken)
    {
        CopyInstallation();
        await using ServerUnderTest server = await ServerUnderTest.LaunchAsync(_folder, Installation.Settings, StartMax, cancellationToken);
        using RecSysClient client = Installation.Client(server);
        Symptoms symptoms = new();
        await CatchUpAsync(client, symptoms, cancellationToken);
        _expected = await Observation.OfAsync(client, _installation, cancellationToken);
        await RunJobAsync(client, "rebuild", symptoms, cancellationToken);
        symptoms.Losses.AddRange((await Observation.OfAsync(client, _installation, cancellationToken)).DifferencesFrom(_expected));
        await RunJobAsync(client, "train", symptoms, cancellationToken);
        await EraseAsync(client, server.Url!, symptoms, cancellationToken);
        await server.StopAsync(StopMax);
        _usualFindings = Findings((await DoctorAsync(cancellationToken)).Output);
        _usualLines = [.. server.Log.Select(Shape)];
        if (symptoms.Faults.Count + symptoms.Losses.Count > 0)
        {
            throw new InvalidOperationException($"an undamaged folder has losses: {string.Join("; ", symptoms.Faults.Concat(symptoms.Losses))}");
        }
    }

    private async Task<Outcome> TryAsync(DamageCase damage, CancellationToken cancellationToken)
    {
        CopyInstallation();
        Symptoms symptoms = new();
        Observation expected = _expected;
        if (damage.IsWhileRunning)
        {
            expected = await DamageWhileRunningAsync(damage, symptoms, cancellationToken);
        }
        else
        {
            damage.Apply(_folder);
        }

        await using ServerUnderTest server = await ServerUnderTest.LaunchAsync(_folder, Installation.Settings, StartMax, cancellationToken);
        if (server.Url is null)
        {
            return await JudgeRefusalAsync(damage, server, symptoms, cancellationToken);
        }

        using RecSysClient client = Installation.Client(server);
        try
        {
            await CheckAsync(damage, client, server, expected, symptoms, cancellationToken);
        }
        catch (Exception error) when (error is RecSysException or HttpRequestException)
        {
            symptoms.Faults.Add($"a call fails: {error.Message}");
        }

        if (server.ExitCode is { } early)
        {
            symptoms.Faults.Add($"the server ended by itself with exit code {early}");
        }

        if (await server.StopAsync(StopMax) is null)
        {
            symptoms.Faults.Add($"it does not stop within {StopMax.TotalSeconds} s");
        }

        ReadLog(server, symptoms);
        if (symptoms.Losses.Count > 0 && symptoms.Reports.Count == 0)
        {
            await AskDoctorAsync(symptoms, cancellationToken);
        }

        return Judge(symptoms);
    }

    // A loss that the log does not report may be reported by doctor.
    private async Task AskDoctorAsync(Symptoms symptoms, CancellationToken cancellationToken)
    {
        CommandRun doctor = await DoctorAsync(cancellationToken);
        if (doctor.ExitCode is null)
        {
            symptoms.Faults.Add("doctor does not end");
        }

        if (StackTrace().IsMatch(doctor.Output))
        {
            symptoms.Faults.Add("doctor prints a stack trace");
        }

        symptoms.Reports.AddRange(Findings(doctor.Output).Except(_usualFindings).Select(finding => $"doctor: {finding}"));
    }

    private static Outcome Judge(Symptoms symptoms)
    {
        string reported = symptoms.Reports.Count > 0 ? $"reports: {Short(symptoms.Reports[0])}" : "";
        string lost = string.Join("; ", symptoms.Losses.Distinct());
        if (symptoms.Faults.Count > 0)
        {
            return new Outcome(Verdict.Failed, Joined(string.Join("; ", symptoms.Faults.Distinct().Select(Short)), lost, reported));
        }

        return lost.Length == 0 ? new Outcome(Verdict.Whole, reported)
            : reported.Length == 0 ? new Outcome(Verdict.Failed, $"silent: {lost}")
            : new Outcome(Verdict.Reported, Joined(lost, reported));
    }

    private async Task<Outcome> JudgeRefusalAsync(DamageCase damage, ServerUnderTest server, Symptoms symptoms, CancellationToken cancellationToken)
    {
        if (server.ExitCode is not { } exitCode)
        {
            return new Outcome(Verdict.Failed, $"it neither listens nor ends within {StartMax.TotalSeconds} s: {Short(server.Log is [.., { } last] ? last : "")}");
        }

        string[] lines = [.. server.Log.Where(line => !LogLine().IsMatch(line) && line.Trim().Length > 0)];
        string text = lines.Length > 0 ? Short(lines[0]) : "no message";
        CommandRun doctor = await DoctorAsync(cancellationToken);
        string file = Path.GetFileName(damage.File.TrimEnd('/')).Replace("-wal", "", StringComparison.Ordinal);
        string fault =
            lines.Length != 1 ? $"refuses in {lines.Length} lines: "
            : exitCode != (file == "appsettings.json" ? 2 : 1) ? $"refuses with exit code {exitCode}: "
            : !lines[0].Contains(file, StringComparison.Ordinal) && !lines[0].Contains(_folder, StringComparison.Ordinal) ? "refuses without naming the file: "
            : doctor.ExitCode is null ? "doctor does not end; the server reports: "
            : StackTrace().IsMatch(doctor.Output) ? "doctor prints a stack trace; the server reports: "
            : "";
        string before = symptoms.Faults.Count > 0 ? string.Join("; ", symptoms.Faults) + "; " : "";
        return new Outcome(fault.Length + before.Length > 0 ? Verdict.Failed : Verdict.Refused, before + fault + text);
    }

    private async Task<Observation> DamageWhileRunningAsync(DamageCase damage, Symptoms symptoms, CancellationToken cancellationToken)
    {
        await using ServerUnderTest server = await ServerUnderTest.LaunchAsync(_folder, Installation.Settings, StartMax, cancellationToken);
        using RecSysClient client = Installation.Client(server);
        await CatchUpAsync(client, symptoms, cancellationToken);
        damage.Apply(_folder);
        Observation expected = _expected.Copy();
        try
        {
            InteractionBody[] rows = [.. Enumerable.Range(0, 4).Select(user => _installation.New(user, 90))];
            await client.RecordAsync(rows, cancellationToken);
            foreach (InteractionBody row in rows)
            {
                expected.Add("histories", row.UserId, [row.Id!]);
                expected.Add("exports", row.UserId, [row.Id!]);
            }
        }
        catch (RecSysException error)
        {
            symptoms.Reports.Add($"refuses an interaction: {error.Message}");
        }

        await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, cancellationToken);
        if (await server.StopAsync(StopMax) is null)
        {
            symptoms.Faults.Add($"it does not stop within {StopMax.TotalSeconds} s");
        }

        ReadLog(server, symptoms);
        return expected;
    }

    private async Task CheckAsync(DamageCase damage, RecSysClient client, ServerUnderTest server, Observation expected, Symptoms symptoms, CancellationToken cancellationToken)
    {
        await CatchUpAsync(client, symptoms, cancellationToken);
        await CompareAsync("");
        await RunJobAsync(client, "rebuild", symptoms, cancellationToken);
        await CompareAsync("after a rebuild: ");
        if (damage.File.StartsWith("log", StringComparison.Ordinal) || damage.File.StartsWith("models", StringComparison.Ordinal))
        {
            await RunJobAsync(client, "train", symptoms, cancellationToken);
        }

        if (!damage.File.StartsWith("models", StringComparison.Ordinal))
        {
            await EraseAsync(client, server.Url!, symptoms, cancellationToken);
        }

        async Task CompareAsync(string when)
        {
            Observation seen = await Observation.OfAsync(client, _installation, cancellationToken);
            foreach (string difference in seen.DifferencesFrom(expected))
            {
                if (!symptoms.Losses.Contains(difference))
                {
                    symptoms.Losses.Add(when + difference);
                }
            }

            symptoms.Losses.AddRange(seen.Errors.Keys.Select(kind => $"{kind}: answered by an error"));
            symptoms.Reports.AddRange(seen.Errors.Select(error => $"the answer: {error.Value}"));
        }
    }

    private static async Task CatchUpAsync(RecSysClient client, Symptoms symptoms, CancellationToken cancellationToken)
    {
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < CatchUpMax)
        {
            try
            {
                if (await client.IsReadyAsync(cancellationToken)
                    && (await client.GetPartitionsAsync(cancellationToken)).Partitions.All(partition => partition.LagRecords == 0))
                {
                    return;
                }
            }
            catch (RecSysException)
            {
                // The server is not ready yet.
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        symptoms.Losses.Add($"the log is not applied within {CatchUpMax.TotalSeconds} s");
    }

    private static async Task RunJobAsync(RecSysClient client, string kind, Symptoms symptoms, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(JobMax);
        try
        {
            JobResponse job = await client.StartJobAsync(new JobRequest { Kind = kind }, limit.Token);
            JobResponse ended = await client.WaitForJobAsync(job.Id, cancellationToken: limit.Token);
            if (ended.State != JobStates.Succeeded)
            {
                symptoms.Losses.Add($"{kind} fails");
                symptoms.Reports.Add($"{kind}: {ended.Message}");
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            symptoms.Faults.Add($"{kind} does not end within {JobMax.TotalSeconds} s");
        }
    }

    // An erasure that is reported as done must be complete in every file.
    private async Task EraseAsync(RecSysClient client, Uri url, Symptoms symptoms, CancellationToken cancellationToken)
    {
        try
        {
            ErasureResponse erased = await client.EraseUserAsync(_installation.User(Installation.ErasedLater), cancellationToken);
            if (!await Installation.UntilErasedAsync(url, erased.Receipt, ErasureMax, cancellationToken))
            {
                symptoms.Losses.Add($"an erasure is not done within {ErasureMax.TotalSeconds} s");
                return;
            }
        }
        catch (RecSysException error)
        {
            symptoms.Losses.Add("an erasure is refused");
            symptoms.Reports.Add($"erase: {error.Message}");
            return;
        }

        string[] left = [.. Folders.FilesWith(_folder, _installation.TraceOfErasedLater)];
        if (left.Length > 0)
        {
            symptoms.Faults.Add($"a receipt is done, but bytes of the person are left in {string.Join(", ", left)}");
        }
    }

    private void CopyInstallation()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }

        Folders.Copy(_installation.Newer, _folder);
    }

    private Task<CommandRun> DoctorAsync(CancellationToken cancellationToken) =>
        CommandRun.RunAsync(ServerUnderTest.Program, ["doctor", "--data", _folder], folder: null, StartMax, cancellationToken);

    private void ReadLog(ServerUnderTest server, Symptoms symptoms)
    {
        IReadOnlyList<string> log = server.Log;

        // Messages of the cluster's own parts during their start do not report a loss.
        symptoms.Reports.AddRange(log.Where(line => Warning().IsMatch(line) && !_usualLines.Contains(Shape(line))).Select(line => $"log: {Message(line)}"));
        if (log.FirstOrDefault(line => line.StartsWith("Unhandled exception", StringComparison.Ordinal)) is { } crash)
        {
            symptoms.Faults.Add(crash);
        }

        if (log.Count > LogLinesMax)
        {
            symptoms.Faults.Add($"it logs {log.Count} lines, the last: {log[^1]}");
        }
    }

    private static HashSet<string> Findings(string doctor) =>
        [.. doctor.Split('\n').Where(line => Bad().IsMatch(line)).Select(line => Spaces().Replace(line, " ").Trim())];

    // Returns a line without the parts that differ from run to run.
    private static string Shape(string line) => Varying().Replace(LogPrefix().Replace(line, ""), "#");

    // Returns a line without its prefix and without the exception after the message.
    private static string Message(string line)
    {
        string text = LogPrefix().Replace(line, "");
        return ExceptionType().Match(text) is { Success: true, Index: > 0 and int at } ? text[..at] : text;
    }

    private static string Short(string text)
    {
        string flat = Spaces().Replace(Scratch().Replace(text, ""), " ").Trim();
        return flat.Length <= TextMax ? flat : flat[..TextMax] + "…";
    }

    private static string Joined(params string[] parts) => string.Join("; ", parts.Where(part => part.Length > 0));

    [GeneratedRegex(@"^\d\d:\d\d:\d\d \w{4}: ")]
    private static partial Regex LogLine();

    [GeneratedRegex(@"^\d\d:\d\d:\d\d \w{4}: [\w.`]+\[-?\d+\] ?")]
    private static partial Regex LogPrefix();

    [GeneratedRegex(@"^\d\d:\d\d:\d\d (warn|fail|crit): RecSys\.")]
    private static partial Regex Warning();

    [GeneratedRegex(@" (System|RecSys|Microsoft|Akka)\.[\w.]+Exception")]
    private static partial Regex ExceptionType();

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Varying();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"[^\s'(]*recsys-damage-\w+/case/?")]
    private static partial Regex Scratch();

    [GeneratedRegex(@"^\s+at \S+\(", RegexOptions.Multiline)]
    private static partial Regex StackTrace();

    [GeneratedRegex(@"^\s*(BAD|note)\s")]
    private static partial Regex Bad();

    /// <summary>Observations of one case.</summary>
    private sealed class Symptoms
    {
        public List<string> Faults { get; } = [];

        public List<string> Losses { get; } = [];

        public List<string> Reports { get; } = [];
    }
}

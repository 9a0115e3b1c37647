using System.CommandLine;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using RecSys.Cli.Hosting;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys doctor</c>: what is wrong with an installation, in plain words, and what to do.</summary>
internal static class DoctorCommand
{
    /// <summary>The bytes that one interaction of the log becomes at most: the log itself, states, folds, a training's matrix.</summary>
    private const long BytesAnInteraction = 250;

    /// <summary>Free disk below which it warns, in bytes.</summary>
    private const long FreeBytesMin = 1L << 30;

    private static readonly TimeSpan ModelAgeMax = TimeSpan.FromHours(1);

    private enum Verdict
    {
        Good,
        Note,
        Bad,
    }

    public static Command Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        Command command = Shared.Command("doctor", "Check an installation, and say what to do about what is wrong.", "doctor --data shop");
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            List<(Verdict Verdict, string What, string Found)> findings = [.. Machine()];
            if (parsed.GetValue(shared.Server) is null)
            {
                findings.Add(Disk(parsed.GetValue(shared.Data)!));
            }

            await using Session session = await shared.OpenAsync(parsed, cancellationToken);
            findings.Add((Verdict.Good, "server", session.IsOwn ? "none runs on the folder; one was started for this check" : $"answers at {session.Url}"));
            await InstallationAsync(session, time, findings, cancellationToken);
            terminal.Table(["", "what", "found"], findings.Select(finding => new[] { Mark(finding.Verdict), finding.What, finding.Found }));
            return findings.Exists(finding => finding.Verdict == Verdict.Bad) ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static string Mark(Verdict verdict) => verdict switch
    {
        Verdict.Good => "ok",
        Verdict.Note => "note",
        _ => "BAD",
    };

    private static IEnumerable<(Verdict, string, string)> Machine()
    {
        long memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        yield return (
            Verdict.Good,
            "machine",
            $"{RuntimeInformation.RuntimeIdentifier}, {Environment.ProcessorCount} cores, {memory >> 20} MB of memory, {RuntimeInformation.FrameworkDescription}");
        yield return Vector256.IsHardwareAccelerated
            ? (Verdict.Good, "vectors", Vector512.IsHardwareAccelerated ? "512 bits" : "256 bits")
            : (Verdict.Note, "vectors", "128 bits: training and full scans take about twice as long");
    }

    private static (Verdict, string, string) Disk(string data)
    {
        string full = Path.GetFullPath(data);
        DriveInfo drive = new(Directory.Exists(full) ? full : Path.GetPathRoot(full)!);
        string free = $"{drive.AvailableFreeSpace >> 20} MB free for {full}";
        return drive.AvailableFreeSpace < FreeBytesMin
            ? (Verdict.Bad, "disk", $"{free}: make room, or the log will refuse interactions")
            : (Verdict.Good, "disk", $"{free}: room for some {Terminal.Number(drive.AvailableFreeSpace / BytesAnInteraction / 1_000_000)} million interactions");
    }

    private static async Task InstallationAsync(
        Session session, TimeProvider time, List<(Verdict, string, string)> findings, CancellationToken cancellationToken)
    {
        IRecSysClient client = session.Client;
        bool isReady = await client.IsReadyAsync(cancellationToken);
        findings.Add(isReady ? (Verdict.Good, "ready", "the log is open and user actors answer") : (Verdict.Bad, "ready", "not ready: see the server's log"));
        StatusResponse status = await client.GetStatusAsync(cancellationToken);
        findings.Add(status.LogEnd > 0
            ? (Verdict.Good, "log", $"{Terminal.Number(status.LogEnd)} records")
            : (Verdict.Note, "log", "empty: recsys import brings your data in"));
        double? lagMs = status.FreshnessMs;
        findings.Add(lagMs is null
            ? (Verdict.Note, "speed layer", "how far it is behind the log is not known: not every partition is ingested on this server")
            : lagMs < 10_000
            ? (Verdict.Good, "speed layer", $"{lagMs.Value.ToString("0", CultureInfo.InvariantCulture)} ms behind the log")
            : (Verdict.Bad, "speed layer", $"{lagMs / 1_000:0} s behind the log: more comes in than this machine takes up"));
        ItemPage items = await client.GetItemsAsync(count: 1, cancellationToken: cancellationToken);
        findings.Add(items.Items.Count > 0
            ? (Verdict.Good, "catalogue", "has items")
            : (Verdict.Note, "catalogue", "empty: slates have ids without titles, and no content for cold items; recsys import items"));
        await ModelAsync(client, status, time, findings, cancellationToken);
    }

    private static async Task ModelAsync(
        IRecSysClient client, StatusResponse status, TimeProvider time, List<(Verdict, string, string)> findings, CancellationToken cancellationToken)
    {
        if (status.ModelVersion is not { } version)
        {
            findings.Add((Verdict.Note, "model", "none yet: slates come from co-visits, trends and content; recsys train makes one"));
            return;
        }

        ModelPage models = await client.GetModelsAsync(cancellationToken);
        ModelResponse? model = models.Items.FirstOrDefault(model => model.Version == version);
        TimeSpan age = status.ModelAt is { } at ? time.GetUtcNow() - at : TimeSpan.Zero;
        string found = $"{version}, {age.TotalMinutes:0} min old, {Terminal.Number(model?.Items ?? 0)} items, {Terminal.Number(model?.Interactions ?? 0)} interactions";
        findings.Add(age > ModelAgeMax
            ? (Verdict.Note, "model", $"{found}: older than an hour; a server trains every 15 minutes when something new came")
            : (Verdict.Good, "model", found));
    }
}

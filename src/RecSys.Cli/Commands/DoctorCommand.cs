using System.CommandLine;
using Microsoft.Extensions.Configuration;
using RecSys.Cli.Hosting;
using RecSys.Client;
using RecSys.Server.Health;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys doctor</c>: lists the faults of an installation with the commands that repair them.</summary>
/// <remarks>The command checks the files itself and asks a server that runs on them for the state of the running parts.</remarks>
internal static class DoctorCommand
{
    private const string Good = "ok";
    private const string Note = "note";
    private const string Bad = "bad";

    /// <summary>The time within which a server must report its checks, including those of its data, for which it reads its log.</summary>
    private static readonly TimeSpan AnswerMax = TimeSpan.FromMinutes(10);

    public static Command Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        Command command = Shared.Command("doctor", "Check an installation, and list its problems with their remedies.", "doctor --data shop");
        command.Options.Add(shared.Json);
        command.Options.Add(shared.Log);
        command.Options.Add(shared.Store);
        shared.AddConnection(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            string? apiKey = parsed.GetValue(shared.ApiKey);
            HealthResponse health = parsed.GetValue(shared.Server) is { } server
                ? await AskAsync(server, apiKey, isDataChecked: true, cancellationToken)
                : await CheckFolderAsync(parsed.GetValue(shared.Data)!, shared.StoreSettings(parsed), apiKey, time, cancellationToken);
            if (parsed.GetValue(shared.Json))
            {
                terminal.Json(health, RecSysJsonContext.Wire.HealthResponse);
            }
            else
            {
                terminal.Table(["", "check", "found"], health.Checks.Select(check => new[]
                {
                    check.Verdict == Bad ? "BAD" : check.Verdict,
                    check.Check,
                    check.Command is null ? check.Found : $"{check.Found}; to repair it: {check.Command}",
                }));
            }

            return health.Status == Bad ? ExitCodes.Failed : ExitCodes.Done;
        });
        return command;
    }

    private static async Task<HealthResponse> AskAsync(Uri server, string? apiKey, bool isDataChecked, CancellationToken cancellationToken)
    {
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server, ApiKey = apiKey, RetriesMax = 0, Timeout = AnswerMax });
        return isDataChecked ? await client.GetHealthWithDataAsync(cancellationToken) : await client.GetHealthAsync(cancellationToken);
    }

    private static async Task<HealthResponse> CheckFolderAsync(
        string data, Dictionary<string, string?> settings, string? apiKey, TimeProvider time, CancellationToken cancellationToken)
    {
        IConfiguration configuration = ConfigurationOf(data, settings);
        InstallationHealth checks = new(
            new InstallationFiles(data), time, isDeep: true, database: PostgresStates.Of(configuration), kafka: KafkaLog.Of(configuration));
        HealthResponse files = await HealthReport.MakeAsync([checks], cancellationToken);
        IReadOnlyList<HealthCheck> running = await RunningAsync(data, apiKey, cancellationToken);
        HashSet<string> known = [.. files.Checks.Select(check => check.Check)];
        HealthCheck[] all = [.. files.Checks, .. running.Where(check => known.Add(check.Check))];
        return new HealthResponse
        {
            Status = all.Any(check => check.Verdict == Bad) ? Bad : all.Any(check => check.Verdict == Note) ? Note : Good,
            Checks = all,
        };
    }

    private static IConfigurationRoot ConfigurationOf(string data, Dictionary<string, string?> settings)
    {
        ConfigurationBuilder all = new();
        try
        {
            all.AddConfiguration(Composition.SettingsOf(data));
        }
        catch (Exception error) when (error is CommandException or IOException or UnauthorizedAccessException)
        {
            // Settings that cannot be read are a finding of their own.
        }

        return all.AddInMemoryCollection(settings).Build();
    }

    private static async Task<IReadOnlyList<HealthCheck>> RunningAsync(string data, string? apiKey, CancellationToken cancellationToken)
    {
        if (DataFolder.ReadServer(data) is not { } server)
        {
            return [new HealthCheck { Check = "server", Verdict = Good, Found = "no server runs on the folder" }];
        }

        try
        {
            return [new HealthCheck { Check = "server", Verdict = Good, Found = $"answers at {server.Url}" }, .. (await AskAsync(server.Url, apiKey, isDataChecked: false, cancellationToken)).Checks];
        }
        catch (RecSysException error)
        {
            return
            [
                new HealthCheck
                {
                    Check = "server", Verdict = Note, Found = $"the server at {server.Url} does not report its checks: {error.Message}",
                    Command = "set a key with the role admin with --api-key, or start the server if it has stopped",
                },
            ];
        }
    }
}

using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Batch;
using RecSys.Batch.Evaluation;
using RecSys.Cli.Hosting;
using RecSys.Cli.Settings;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.Serving;

namespace RecSys.Cli.Commands;

/// <summary>Evaluates on files of this machine, in this process: no server reads them, and no data folder is opened.</summary>
/// <remarks>The settings are those of the data folder, if there is one; its log and catalogue are not used.</remarks>
internal static class FileEvaluation
{
    /// <summary>Runs the evaluation and shows its progress.</summary>
    /// <param name="terminal">Receives the progress.</param>
    /// <param name="time">The clock.</param>
    /// <param name="files">The files, as <c>TRAIN,TEST</c>.</param>
    /// <param name="names">The metrics, as <c>ndcg@10,recall@20</c>; null: the default ones.</param>
    /// <param name="data">The data folder whose settings apply.</param>
    /// <param name="server">The server that was named, which is refused.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>The evaluation as an ended job.</returns>
    /// <exception cref="CommandException">The files or the metrics are not as they should be.</exception>
    public static async Task<JobResponse> RunAsync(
        Terminal terminal, TimeProvider time, string files, string? names, string data, Uri? server, CancellationToken cancellationToken)
    {
        if (files.Split(',', StringSplitOptions.TrimEntries) is not [string train, string test])
        {
            throw new CommandException($"--split: '{files}' is neither temporal, leave-one-out, nor TRAIN,TEST", ExitCodes.WrongUsage);
        }

        if (server is not null)
        {
            throw new CommandException("--server: files are evaluated by this command alone; leave out --server", ExitCodes.WrongUsage);
        }

        IReadOnlyList<Metric>? metrics = Metric.Default;
        if (names is not null && !Metric.TryParseList(names, out metrics))
        {
            throw new CommandException($"--metrics: '{names}' {Metric.ListRule}", ExitCodes.WrongUsage);
        }

        EvaluationSplit split = Read(Import.Files.Require(train), Import.Files.Require(test));
        await using ServiceProvider services = Services(data, time);
        JobOutcome outcome = await ProgressLine.RunAsync(terminal, time, "evaluating", report =>
            services.GetRequiredService<OfflineEvaluation>().RunAsync(
                split, catalogue: null, metrics, progress => report(progress.Done, progress.Stage), cancellationToken));
        return new JobResponse
        {
            Id = "evaluate",
            Kind = "evaluate",
            State = JobStates.Succeeded,
            Message = outcome.Message,
            Result = ResultOf(outcome),
        };
    }

    private static EvaluationSplit Read(string train, string test)
    {
        try
        {
            return Splits.Files(File.ReadLines(train), File.ReadLines(test));
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"--split: {error.Message}");
        }
    }

    private static ServiceProvider Services(string data, TimeProvider time)
    {
        IConfigurationRoot configuration;
        try
        {
            configuration = new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
                .AddJsonFile(new InstallationFiles(data).Settings, optional: true)
                .AddEnvironmentVariables()
                .Build();
        }
        catch (Exception error) when (error is InvalidDataException or FormatException && StartProblem.Json(error) is { } problem)
        {
            throw new CommandException(problem, ExitCodes.WrongUsage);
        }

        SettingsCheck.Require(configuration);
        BatchOptions options = new();
        configuration.GetSection(BatchOptions.Section).Bind(options);
        return new ServiceCollection()
            .AddSingleton(time)
            .AddSingleton(Composition.TypesOf(configuration))
            .AddSingleton(new OwnerHash(RandomNumberGenerator.GetBytes(OwnerHash.KeySizeBytes)))
            .AddServingLayer()
            .AddSingleton(provider => new OfflineEvaluation(options, provider.GetRequiredService<ISlateEvaluation>()))
            .BuildServiceProvider();
    }

    private static JsonElement ResultOf(JobOutcome outcome)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("metrics"u8);
            foreach ((string name, double value) in outcome.Metrics.Where(metric => double.IsFinite(metric.Value)))
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return JsonElement.Parse(bytes.ToArray());
    }
}

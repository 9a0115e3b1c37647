using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Batch;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Replay;
using RecSys.Cli.Hosting;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.Serving;
using RecSys.Speed;

namespace RecSys.Cli.Commands;

/// <summary>The files of an evaluation.</summary>
internal sealed record EvaluationFiles
{
    /// <summary>Gets the acts that models learn from, or that a protocol splits.</summary>
    public required string Acts { get; init; }

    /// <summary>Gets the acts to evaluate on.</summary>
    public string? Test { get; init; }

    /// <summary>Gets the acts that profiles contain at the time of a question, but that models do not learn from.</summary>
    public string? History { get; init; }

    /// <summary>Gets the prefixes of sessions, each with the item that followed.</summary>
    public string? Prefixes { get; init; }

    /// <summary>Gets the catalogue.</summary>
    public string? Items { get; init; }

    /// <summary>Gets the form of the acts.</summary>
    public ActFileForm Form { get; init; }

    /// <summary>Gets the type of acts in a file without types.</summary>
    public string? Type { get; init; }

    /// <summary>Gets the time between two acts in a file without times; default 1 s.</summary>
    public required TimeSpan Step { get; init; }
}

/// <summary>Evaluates on files of this machine, in this process: no server reads them, and no data folder is opened.</summary>
/// <remarks>The settings are those of the data folder, if there is one; its log and catalogue are not used.</remarks>
internal static class FileEvaluation
{
    /// <summary>Runs the evaluation and shows its progress.</summary>
    /// <param name="terminal">Receives the progress.</param>
    /// <param name="time">Clock that measures the time between two lines of progress.</param>
    /// <param name="files">Paths and forms of the files to evaluate on.</param>
    /// <param name="settings">The protocol, the metrics and the limits.</param>
    /// <param name="data">The data folder whose settings apply.</param>
    /// <param name="cancellationToken">Cancels the evaluation.</param>
    /// <returns>The evaluation as an ended job.</returns>
    /// <exception cref="CommandException">A file or a setting is invalid.</exception>
    public static async Task<JobResponse> RunAsync(
        Terminal terminal, TimeProvider time, EvaluationFiles files, EvaluationSettings settings, string data, CancellationToken cancellationToken)
    {
        IConfiguration configuration = Composition.SettingsOf(data);
        InteractionTypes types = FileWorld.TypesWithPairs(Composition.TypesOf(configuration));
        ReplayWorld world = WorldOf(files, settings, types);
        await using ServiceProvider services = Services(configuration, types, time);
        JobOutcome outcome = await ProgressLine.RunAsync(terminal, time, "evaluating", report =>
            services.GetRequiredService<OfflineEvaluation>().RunAsync(
                world, settings, progress => report(progress.Done, progress.Stage), cancellationToken));
        return new JobResponse
        {
            Id = "evaluate",
            Kind = "evaluate",
            State = JobStates.Succeeded,
            Message = outcome.Message,
            Result = ResultOf(outcome),
        };
    }

    private static ReplayWorld WorldOf(EvaluationFiles files, EvaluationSettings settings, InteractionTypes types)
    {
        try
        {
            if (settings.AsksSessionsAsUsers && !types.TryGet(settings.SessionType, out _))
            {
                throw new FormatException($"type '{settings.SessionType}' is not configured");
            }

            return new FileWorld
            {
                Acts = Acts(files.Acts, files.Form),
                History = files.History is null ? [] : Acts(files.History, ActFileForm.Auto),
                Test = files.Test is null ? [] : Acts(files.Test, ActFileForm.Test),
                Prefixes = files.Prefixes is null ? [] : ActFile.Prefixes(files.Prefixes, File.ReadAllLines(Import.Files.Require(files.Prefixes))),
                Catalogue = files.Items is null ? [] : ItemFile.Read(Import.Files.Require(files.Items)),
                DefaultType = files.Type,
                Step = files.Step,
            }.Build(types);
        }
        catch (Exception error) when (error is FormatException or IOException or UnauthorizedAccessException)
        {
            throw new CommandException(error.Message);
        }

        static List<FileAct> Acts(string path, ActFileForm form) => ActFile.Read(path, File.ReadAllLines(Import.Files.Require(path)), form);
    }

    private static ServiceProvider Services(IConfiguration configuration, InteractionTypes types, TimeProvider time)
    {
        // All processors, because this process serves no requests.
        BatchOptions batch = new() { ThreadCount = Environment.ProcessorCount };
        configuration.GetSection(BatchOptions.Section).Bind(batch);
        SpeedOptions speed = new();
        configuration.GetSection(SpeedOptions.Section).Bind(speed);
        return new ServiceCollection()
            .AddSingleton(time)
            .AddSingleton(types)
            .AddSingleton(new OwnerHash(RandomNumberGenerator.GetBytes(OwnerHash.KeySizeBytes)))
            .AddServingLayer(options => configuration.GetSection(ServingOptions.Section).Bind(options))
            .AddSingleton(provider => new OfflineEvaluation(batch, provider.GetRequiredService<ISlateEvaluation>(), speed.ToTrendsOptions()))
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

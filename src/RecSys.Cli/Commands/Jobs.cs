using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Commands;

/// <summary>Starts a job and shows its progress until it ends.</summary>
internal static class Jobs
{
    /// <summary>Runs a job; cancelling the command cancels the job.</summary>
    /// <exception cref="CommandException">It failed or was cancelled.</exception>
    public static async Task<JobResponse> RunAsync(
        IRecSysClient client, Terminal terminal, TimeProvider time, string kind, string words, Dictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        JobResponse started = await client.StartJobAsync(
            new JobRequest
            {
                Kind = kind,
                Parameters = parameters.ToDictionary(
                    pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value, Import.FieldsJsonContext.Default.String), StringComparer.Ordinal),
            },
            cancellationToken);
        JobResponse ended;
        try
        {
            ended = await ProgressLine.RunAsync(
                terminal,
                time,
                words,
                report => client.WaitForJobAsync(
                    started.Id, new SynchronousProgress<JobResponse>(job => report(job.Progress ?? 0, job.Stage ?? job.State)), cancellationToken));
        }
        catch (OperationCanceledException)
        {
            await client.CancelJobAsync(started.Id, CancellationToken.None);
            throw;
        }

        return ended.State == JobStates.Succeeded
            ? ended
            : throw new CommandException($"{kind} {ended.State}: {ended.Message ?? "no reason was given"}");
    }
}

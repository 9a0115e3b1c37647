using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Jobs;

/// <summary>A job of the server whose progress is shown.</summary>
internal static class ShownJob
{
    /// <summary>Runs a job to its end; cancelling the command cancels the job.</summary>
    /// <param name="client">Client of the server.</param>
    /// <param name="terminal">The terminal; the progress is a line on its standard error.</param>
    /// <param name="time">Clock that measures the remaining time.</param>
    /// <param name="kind">Kind of the job.</param>
    /// <param name="words">Description of the job in a few words.</param>
    /// <param name="parameters">Parameters of the job.</param>
    /// <param name="cancellationToken">Cancels the job.</param>
    /// <exception cref="CommandException">The job failed or was cancelled.</exception>
    public static async Task<JobResponse> RunAsync(
        IRecSysClient client, Terminal terminal, TimeProvider time, string kind, string words, Dictionary<string, string> parameters, CancellationToken cancellationToken)
    {
        JobResponse started = await client.StartJobAsync(
            new JobRequest
            {
                Kind = kind,
                Parameters = parameters.ToDictionary(
                    pair => pair.Key, pair => JsonSerializer.SerializeToElement(pair.Value, RecSysJsonContext.Wire.String), StringComparer.Ordinal),
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

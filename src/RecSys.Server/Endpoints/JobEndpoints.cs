using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints of jobs: trainings, evaluations, rebuilds, exports.</summary>
internal sealed class JobEndpoints(RequestBodies bodies, IBatchJobs? jobs = null, IJobResults? results = null) : IEndpoints
{
    private static readonly string[] Kinds = ["train", "evaluate", "rebuild", "export"];

    private const int ResultChunkBytes = 64 << 10;

    /// <inheritdoc/>
    public IEnumerable<Route> Routes => jobs is null ? [] :
    [
        new("POST", "/v1/admin/jobs", Role.Admin, StartAsync)
        {
            Name = "startJob",
            Tag = Tags.Operations,
            Summary = "Starts a job, or returns the one of the same kind and parameters that is queued or running",
            Description = "train takes no parameters; evaluate takes split (temporal or leave-one-out) and metrics (such as ndcg@10,recall@20); rebuild takes what "
                + "(users or trends), acceptDamage and acceptLoss (true or false); export requires what (interactions, items, users or recommendations). No parameter is a file: the rows of an export are "
                + "fetched from /v1/admin/jobs/{id}/result.",
            Body = new BodyDescription(typeof(Client.JobRequest)),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(JobResponse),
        },
        new("GET", "/v1/admin/jobs/{id}", Role.Admin, GetAsync)
        {
            Name = "getJob",
            Tag = Tags.Operations,
            Summary = "Returns the progress of a job, and its outcome",
            Answer = typeof(JobResponse),
        },
        new("GET", "/v1/admin/jobs/{id}/result", Role.Admin, GetResultAsync)
        {
            Name = "getJobResult",
            Tag = Tags.Operations,
            Summary = "Returns the rows of an export, as lines of JSON",
            Description = "The field download of the job has the size of the rows in bytes and the latest time of their deletion; they are deleted earlier when a person is erased, when "
                + "newer results need the space, and when the server stops. Only the node that ran the job has them; another node answers 409 and names that node. An answer that is shorter than its Content-Length is incomplete.",
            AnswerType = ExportLines.MediaType,
        },
        new("DELETE", "/v1/admin/jobs/{id}", Role.Admin, CancelAsync)
        {
            Name = "cancelJob",
            Tag = Tags.Operations,
            Summary = "Requests the cancellation of a job",
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(JobResponse),
        },
    ];

    private async Task<Problem?> StartAsync(Call call)
    {
        (Problem? problem, Core.Jobs.JobRequest? request) = await bodies.ReadAsync<Core.Jobs.JobRequest?>(call.Http, TryRead).ConfigureAwait(false);
        if (problem is not null)
        {
            return problem;
        }

        if (jobs!.Check(request!) is { } refused)
        {
            return Problem.OfField(refused.Parameter is { } parameter
                ? new FieldProblem($"parameters.{parameter}", refused.Text)
                : new FieldProblem("kind", refused.Text));
        }

        JobStatus status = await jobs!.StartAsync(request!, call.Aborted).ConfigureAwait(false);
        call.Http.Response.Headers.Location = $"/v1/admin/jobs/{Uri.EscapeDataString(status.Id)}";
        return await AnswerAsync(call, status, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    private async Task<Problem?> GetAsync(Call call) =>
        await AnswerAsync(call, await jobs!.GetAsync(call.Id(0), call.Aborted).ConfigureAwait(false), StatusCodes.Status200OK).ConfigureAwait(false);

    private async Task<Problem?> GetResultAsync(Call call)
    {
        string id = call.Id(0);
        JobStatus? job = await jobs!.GetAsync(id, call.Aborted).ConfigureAwait(false);
        switch (job)
        {
            case null:
                return Problem.NotFound($"there is no job '{id}'");
            case { State: JobState.Queued or JobState.Running }:
                return Problem.Conflict($"the job '{id}' has not ended; wait until its state is succeeded");
            case { Result: null }:
                return Problem.NotFound($"the job '{id}' has no result to fetch; only an export that succeeded has one");
            default:
                break;
        }

        Stream? opened = results?.Open(job.Result.Id);
        if (opened is null && job.Node is { } node && node != jobs.Node)
        {
            return Problem.Conflict($"the result of the job '{id}' is a file of the node that ran it, {node}: fetch it from that node, or start the export again");
        }

        if (opened is null)
        {
            return Problem.NotFound($"the result of the job '{id}' is deleted: it expired, newer results needed its space, the server was restarted, or a person was erased; start the export again") with
            {
                Code = ProblemCodes.ResultDeleted,
            };
        }

        await using (opened.ConfigureAwait(false))
        {
            HttpResponse response = call.Http.Response;
            response.ContentType = ExportLines.MediaType;
            response.ContentLength = job.Result.SizeBytes;
            response.Headers.CacheControl = "no-store";
            long sent = await CopyAsync(opened, response.BodyWriter, call.Aborted).ConfigureAwait(false);
            if (sent < job.Result.SizeBytes)
            {
                call.Http.Abort(); // the result was deleted: only aborting the connection can report that the answer is incomplete
            }

            return null;
        }
    }

    private static async Task<long> CopyAsync(Stream source, PipeWriter destination, CancellationToken cancellationToken)
    {
        long copied = 0;
        while (true)
        {
            int read = await source.ReadAsync(destination.GetMemory(ResultChunkBytes), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return copied;
            }

            copied += read;
            destination.Advance(read);
            await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<Problem?> CancelAsync(Call call) =>
        await AnswerAsync(call, await jobs!.CancelAsync(call.Id(0), call.Aborted).ConfigureAwait(false), StatusCodes.Status202Accepted).ConfigureAwait(false);

    private static FieldProblem? TryRead(ReadOnlySpan<byte> bytes, out Core.Jobs.JobRequest? request)
    {
        request = null;
        try
        {
            Utf8JsonReader reader = new(bytes);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return new FieldProblem("", "must be an object");
            }

            string? kind = null;
            ImmutableSortedDictionary<string, string>? parameters = null;
            uint seen = 0;
            while (JsonFields.NextName(ref reader))
            {
                FieldProblem? problem;
                if (JsonFields.Is(ref reader, "kind"u8))
                {
                    reader.Read();
                    problem = JsonFields.Once(ref seen, 0, "kind") ?? JsonFields.ReadText(ref reader, "kind", Limits.IdBytesMax, out kind);
                }
                else if (JsonFields.Is(ref reader, "parameters"u8))
                {
                    reader.Read();
                    problem = JsonFields.Once(ref seen, 1, "parameters")
                        ?? JsonFields.ReadLabels(ref reader, "parameters", isPatch: false, out parameters);
                }
                else
                {
                    problem = JsonFields.Unknown(ref reader, "kind, parameters");
                }

                if (problem is not null)
                {
                    return problem;
                }
            }

            reader.Read();
            int index = Array.IndexOf(Kinds, kind);
            if (index < 0)
            {
                return new FieldProblem("kind", $"must be one of {string.Join(", ", Kinds)}");
            }

            request = new Core.Jobs.JobRequest((JobKind)index, PlainOf(parameters));
            return null;
        }
        catch (JsonException exception)
        {
            return RequestBody.Broken(exception, bytes);
        }
    }

    /// <summary>Returns texts without their quotes, and all other values as their JSON.</summary>
    private static ImmutableSortedDictionary<string, string> PlainOf(ImmutableSortedDictionary<string, string>? parameters)
    {
        ImmutableSortedDictionary<string, string>.Builder plain = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach ((string name, string json) in parameters ?? ImmutableSortedDictionary<string, string>.Empty)
        {
            plain[name] = json.StartsWith('"') ? JsonSerializer.Deserialize(json, WireText.Default.String)! : json;
        }

        return plain.ToImmutable();
    }

    private static async Task<Problem?> AnswerAsync(Call call, JobStatus? job, int status) =>
        job is null
            ? Problem.NotFound($"there is no job '{call.Id(0)}'")
            : await call.AnswerAsync(ResponseOf(job), RecSysJsonContext.Wire.JobResponse, status).ConfigureAwait(false);

    private static JobResponse ResponseOf(JobStatus job) => new()
    {
        Id = job.Id,
        Kind = Kinds[(int)job.Kind],
        State = job.State switch
        {
            JobState.Queued => JobStates.Queued,
            JobState.Running => JobStates.Running,
            JobState.Succeeded => JobStates.Succeeded,
            JobState.Failed => JobStates.Failed,
            _ => JobStates.Cancelled,
        },
        Progress = job.Progress,
        Stage = job.Stage,
        Message = job.Message,
        Node = job.Node,
        StartedAt = job.StartedAtMs is { } started ? Rfc3339.ToTime(started) : null,
        FinishedAt = job.FinishedAtMs is { } finished ? Rfc3339.ToTime(finished) : null,
        Result = ResultOf(job),
        Download = job.Result is not { } result ? null : new JobDownload
        {
            Href = $"/v1/admin/jobs/{Uri.EscapeDataString(job.Id)}/result",
            SizeBytes = result.SizeBytes,
            ExpiresAt = Rfc3339.ToTime(result.ExpiresAtMs),
        },
    };

    private static JsonElement? ResultOf(JobStatus job)
    {
        if (job.ModelVersion is null && job.Metrics.IsEmpty)
        {
            return null;
        }

        ArrayBufferWriter<byte> bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            if (job.ModelVersion is { } version)
            {
                json.WriteString("modelVersion"u8, version);
            }

            json.WriteStartObject("metrics"u8);
            foreach ((string name, double value) in job.Metrics.Where(metric => double.IsFinite(metric.Value)))
            {
                json.WriteNumber(name, value);
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return JsonElement.Parse(bytes.WrittenSpan);
    }
}

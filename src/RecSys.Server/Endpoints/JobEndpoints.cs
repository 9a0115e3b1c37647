using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;

namespace RecSys.Server.Endpoints;

/// <summary>Long work on demand: trainings, evaluations, rebuilds, exports, imports.</summary>
internal sealed class JobEndpoints(RequestBodies bodies, IBatchJobs? jobs = null) : IEndpoints
{
    private static readonly string[] Kinds = ["train", "evaluate", "rebuild", "export", "import"];

    /// <inheritdoc/>
    public IEnumerable<Route> Routes => jobs is null ? [] :
    [
        new("POST", "/v1/admin/jobs", Role.Admin, StartAsync)
        {
            Name = "startJob",
            Tag = Tags.Operations,
            Summary = "Starts a job, or names the one of its kind that is queued or running",
            Body = new BodyDescription(RecSysJsonContext.Wire.JobRequest),
            Status = StatusCodes.Status202Accepted,
            Answer = RecSysJsonContext.Wire.JobResponse,
        },
        new("GET", "/v1/admin/jobs/{id}", Role.Admin, GetAsync)
        {
            Name = "getJob",
            Tag = Tags.Operations,
            Summary = "How far a job is, and what came of it",
            Answer = RecSysJsonContext.Wire.JobResponse,
        },
        new("DELETE", "/v1/admin/jobs/{id}", Role.Admin, CancelAsync)
        {
            Name = "cancelJob",
            Tag = Tags.Operations,
            Summary = "Asks a job to stop",
            Status = StatusCodes.Status202Accepted,
            Answer = RecSysJsonContext.Wire.JobResponse,
        },
    ];

    private async Task<Problem?> StartAsync(Call call)
    {
        (RequestBody? body, Problem? problem) = await bodies.ReadAsync(call.Http).ConfigureAwait(false);
        if (body is null)
        {
            return problem;
        }

        Core.Models.JobRequest? request;
        using (body)
        {
            if (TryRead(body.Bytes, out request) is { } bad)
            {
                return Problem.OfField(bad);
            }
        }

        JobStatus status = await jobs!.StartAsync(request!, call.Aborted).ConfigureAwait(false);
        call.Http.Response.Headers.Location = $"/v1/admin/jobs/{Uri.EscapeDataString(status.Id)}";
        return await AnswerAsync(call, status, StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    private async Task<Problem?> GetAsync(Call call) =>
        await AnswerAsync(call, await jobs!.GetAsync(call.Id(0), call.Aborted).ConfigureAwait(false), StatusCodes.Status200OK).ConfigureAwait(false);

    private async Task<Problem?> CancelAsync(Call call) =>
        await AnswerAsync(call, await jobs!.CancelAsync(call.Id(0), call.Aborted).ConfigureAwait(false), StatusCodes.Status202Accepted).ConfigureAwait(false);

    private static FieldProblem? TryRead(ReadOnlySpan<byte> bytes, out Core.Models.JobRequest? request)
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
                if (reader.ValueTextEquals("kind"u8))
                {
                    reader.Read();
                    problem = JsonFields.Once(ref seen, 0, "kind") ?? JsonFields.ReadText(ref reader, "kind", Limits.IdBytesMax, out kind);
                }
                else if (reader.ValueTextEquals("parameters"u8))
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

            request = new Core.Models.JobRequest((JobKind)index, PlainOf(parameters));
            return null;
        }
        catch (JsonException exception)
        {
            return RequestBody.Broken(exception, bytes);
        }
    }

    /// <summary>Texts without their quotes, all else as its JSON.</summary>
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
        StartedAt = job.StartedAtMs is { } started ? Rfc3339.ToTime(started) : null,
        FinishedAt = job.FinishedAtMs is { } finished ? Rfc3339.ToTime(finished) : null,
        Result = ResultOf(job),
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

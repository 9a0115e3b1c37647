using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Server.Edge;

namespace RecSys.Server.Endpoints;

/// <summary>What a person may ask for: all that is held about them, and to have it erased.</summary>
internal sealed class PrivacyEndpoints(
    IInteractionLog log,
    IUserProfiles profiles,
    OwnerHash hash,
    IOptions<RecSysServerOptions> options,
    TimeProvider time,
    IImpressionLog? impressions = null,
    IErasureReceipts? receipts = null) : IEndpoints, IDisposable
{
    private readonly SemaphoreSlim _exports = new(options.Value.ExportsMax);

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/users/{userId}/export", Role.Read, ExportAsync)
        {
            Name = "exportUser",
            Tag = Tags.Users,
            Summary = "Everything held about one person, as lines of JSON",
            Description = "Each line has a kind: profile, interaction, interactionRetracted, userChanged, usersMerged, impression; the last one is end. "
                + "Without it the answer is not whole.",
            AnswerType = ExportLines.MediaType,
        },
        new("DELETE", "/v1/users/{userId}", Role.Write, EraseAsync)
        {
            Name = "eraseUser",
            Tag = Tags.Users,
            Summary = "Erases a person, and those merged into them, everywhere",
            Description = "Answered once it is in the log; what is recorded of the same id later is a new person's. The receipt names nobody.",
            Status = StatusCodes.Status202Accepted,
            Answer = RecSysJsonContext.Wire.ErasureResponse,
        },
        .. receipts is null ? (IEnumerable<Route>)[] :
        [
            new Route("GET", "/v1/erasures/{receipt}", Role.Read, GetReceiptAsync)
            {
                Name = "getErasure",
                Tag = Tags.Users,
                Summary = "How far an erasure is, place by place",
                Answer = RecSysJsonContext.Wire.ErasureStatusResponse,
            },
        ],
    ];

    /// <inheritdoc/>
    public void Dispose() => _exports.Dispose();

    private async Task<Problem?> ExportAsync(Call call)
    {
        if (!await _exports.WaitAsync(TimeSpan.Zero, call.Aborted).ConfigureAwait(false))
        {
            return Problem.Overloaded($"{options.Value.ExportsMax} exports are running; each reads the whole log");
        }

        try
        {
            UserProfile profile = (await ReadAsync(call.User, call.Aborted).ConfigureAwait(false)).Profile;
            LogRange[] ranges = await log.GetRangesAsync(call.Aborted).ConfigureAwait(false);
            call.Http.Response.ContentType = ExportLines.MediaType;
            using ExportLines lines = new(call.Http.Response.BodyWriter, log, impressions);
            await lines.WriteAsync(call.User, profile, OwnersOf(call.User, profile), ranges, call.Aborted).ConfigureAwait(false);
            return null;
        }
        finally
        {
            _exports.Release();
        }
    }

    private async Task<Problem?> EraseAsync(Call call)
    {
        ProfileReading reading = await ReadAsync(call.User, call.Aborted).ConfigureAwait(false);
        if (!reading.IsReflected)
        {
            return Problem.Unavailable("the speed layer is behind the log, so that users merged into this one may not be known yet; nothing was erased");
        }

        LogRange[] ranges = await log.GetRangesAsync(call.Aborted).ConfigureAwait(false);
        LogPosition upTo = new(log.Shape.Epoch, [.. ranges.Select(range => range.End - 1)]);
        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();

        // The person last: whoever sees that record done knows that those merged into them, written before it, are done too.
        LogRecord[] records = [.. OwnersOf(call.User, reading.Profile).Reverse().Select(owner => new LogRecord.PersonErased(owner, upTo, nowMs))];
        LogPosition position = await log.AppendAsync(records, call.Aborted).ConfigureAwait(false);
        ErasureReceipt receipt = new(hash.Of(call.User), position.Epoch, position[0]);
        return await call.AnswerAsync(
            new ErasureResponse { Position = position.ToString(), Receipt = receipt.ToString() },
            RecSysJsonContext.Wire.ErasureResponse,
            StatusCodes.Status202Accepted).ConfigureAwait(false);
    }

    private async Task<Problem?> GetReceiptAsync(Call call)
    {
        string text = call.Id(0);
        ErasureProgress? progress = ErasureReceipt.TryParse(text, out ErasureReceipt receipt)
            ? await receipts!.GetAsync(receipt.Owner, new RecordPosition(receipt.Epoch, 0, receipt.Offset), call.Aborted).ConfigureAwait(false)
            : null;
        return progress is null
            ? Problem.NotFound("no such erasure is known")
            : await call.AnswerAsync((text, progress), WriteProgress).ConfigureAwait(false);
    }

    /// <summary>The person's owner, and those of everyone merged into them.</summary>
    private ImmutableArray<Owner> OwnersOf(UserId user, UserProfile profile) =>
        [hash.Of(user), .. profile.Aliases.Select(alias => alias.Owner)];

    /// <summary>Reads the profile as of now: the newest alias must be known, or it would stay behind.</summary>
    private async ValueTask<ProfileReading> ReadAsync(UserId user, CancellationToken aborted)
    {
        LogRange[] ranges = await log.GetRangesAsync(aborted).ConfigureAwait(false);
        LogPosition end = new(log.Shape.Epoch, [.. ranges.Select(range => range.End - 1)]);
        using CancellationTokenSource timeout = new(options.Value.AfterDeadline, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted, timeout.Token);
        return await profiles.GetAsync(user, end, deadline.Token).ConfigureAwait(false);
    }

    private static void WriteProgress(Utf8JsonWriter json, (string Receipt, ErasureProgress Progress) erasure)
    {
        json.WriteStartObject();
        json.WriteString("receipt"u8, erasure.Receipt);
        json.WriteString("state"u8, erasure.Progress.IsDone ? "done" : "running");
        json.WriteStartArray("places"u8);
        foreach (ErasedPlace place in erasure.Progress.Places)
        {
            json.WriteStartObject();
            json.WriteString("place"u8, place.Place);
            json.WriteNumber("removed"u8, place.Removed);
            if (place.DoneAtMs is { } doneAt)
            {
                json.WriteString("doneAt"u8, Rfc3339.ToText(doneAt));
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

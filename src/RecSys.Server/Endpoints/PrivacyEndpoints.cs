using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints for a person's rights: export of all personal data, and erasure.</summary>
internal sealed class PrivacyEndpoints(
    IInteractionLog log,
    IUserProfiles profiles,
    IMergedUsers merged,
    OwnerHash hash,
    RequestBodies bodies,
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
            Summary = "Returns all data of one person, as lines of JSON",
            Description = "Each line has a kind: interaction, interactionRetracted, userChanged, usersMerged, personErased, mergeErased, then profile, then impression; "
                + "the last line has the kind end, and an answer without it is incomplete. mergedFrom of the profile lists the users that are currently merged into the user.",
            AnswerType = ExportLines.MediaType,
        },
        new("DELETE", "/v1/users/{userId}", Role.Write, EraseAsync)
        {
            Name = "eraseUser",
            Tag = Tags.Users,
            Summary = "Erases all data of a user and of the users merged into it",
            Description = "The call is answered once the erasure is in the log; later records with the same id belong to a new person. The receipt does not contain the id.",
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(ErasureResponse),
        },
        new("POST", "/v1/users:erase", Role.Write, EraseNamedAsync)
        {
            Name = "eraseNamedUser",
            Tag = Tags.Users,
            Summary = "Erases the user in the body, as DELETE of a user does",
            Description = "Use it for ids that cannot be part of a path: earlier versions accepted U+0000 in the ids of bodies.",
            Body = new BodyDescription(typeof(EraseBody)),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(ErasureResponse),
        },
        .. receipts is null ? (IEnumerable<Route>)[] :
        [
            new Route("GET", "/v1/erasures/{receipt}", Role.Read, GetReceiptAsync)
            {
                Name = "getErasure",
                Tag = Tags.Users,
                Summary = "Returns the progress of an erasure, place by place",
                Answer = typeof(ErasureStatusResponse),
            },
        ],
    ];

    /// <inheritdoc/>
    public void Dispose() => _exports.Dispose();

    private async Task<Problem?> ExportAsync(Call call)
    {
        if (!await _exports.WaitAsync(TimeSpan.Zero, call.Aborted).ConfigureAwait(false))
        {
            return Problem.Overloaded($"{options.Value.ExportsMax} exports are running, and no more are allowed, since each reads the whole log; retry later");
        }

        try
        {
            (ProfileReading reading, ImmutableArray<Owner> owners, _) = await ReadAsync(call.User, call.Aborted).ConfigureAwait(false);
            if (TooMany(call.User, owners, "exported") is { } problem)
            {
                return problem;
            }

            LogRange[] ranges = await log.GetRangesAsync(call.Aborted).ConfigureAwait(false);
            call.Http.Response.ContentType = ExportLines.MediaType;
            using ExportLines lines = new(call.Http.Response.BodyWriter, log, impressions);
            await lines.WriteAsync(call.User, reading, owners, ranges, call.Aborted).ConfigureAwait(false);
            return null;
        }
        finally
        {
            _exports.Release();
        }
    }

    private Task<Problem?> EraseAsync(Call call) => EraseAsync(call, call.User);

    private async Task<Problem?> EraseNamedAsync(Call call)
    {
        (Problem? problem, UserId user) = await bodies.ReadAsync<UserId>(call.Http, EraseParser.TryRead).ConfigureAwait(false);
        return problem ?? await EraseAsync(call, user).ConfigureAwait(false);
    }

    private async Task<Problem?> EraseAsync(Call call, UserId user)
    {
        // The erasure covers the profile as it was read: a user merged later is merged into a new person.
        (ProfileReading reading, ImmutableArray<Owner> owners, LogPosition upTo) = await ReadAsync(user, call.Aborted).ConfigureAwait(false);
        if (!reading.IsReflected)
        {
            return Problem.Unavailable("the speed layer is behind the log, so users merged into this one may not be known yet; no data was erased; retry later");
        }

        if (TooMany(user, owners, "erased") is { } problem)
        {
            return problem;
        }

        long nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();

        // The record of the user is written last: once its erasure is done, those of the merged users, written before it, are done too.
        LogRecord[] records = [.. owners.Reverse().Select(owner => new LogRecord.PersonErased(owner, upTo, nowMs))];
        LogPosition position = await log.AppendAsync(records, call.Aborted).ConfigureAwait(false);
        ErasureReceipt receipt = new(hash.Of(user), position.Epoch, position[0]);
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

    private static Problem? TooMany(UserId user, ImmutableArray<Owner> owners, string done) =>
        owners.Length - 1 > Limits.MergedMax
            ? Problem.Conflict(
                $"more than {Limits.MergedMax} users are merged into '{user}', directly or through others; nothing was {done}: erase some of these users first")
            : null;

    /// <summary>Reads the current profile, with the owners of the user and of all users merged into it: the newest merge must be known, or that user would not be erased.</summary>
    private async ValueTask<(ProfileReading Reading, ImmutableArray<Owner> Owners, LogPosition End)> ReadAsync(UserId user, CancellationToken aborted)
    {
        LogPosition end = await log.GetEndAsync(aborted).ConfigureAwait(false);
        using CancellationTokenSource timeout = new(options.Value.AfterDeadline, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted, timeout.Token);
        ProfileReading reading = await profiles.GetAsync(user, end, deadline.Token).ConfigureAwait(false);
        ImmutableArray<Owner> owners = reading.MergedOwners;
        if (reading.HasMoreMerged)
        {
            // A read of a profile follows a limited number of merged users only; an export or an erasure needs the owners of all.
            (owners, bool isReflected) = await merged.FindAsync(user, end, deadline.Token).ConfigureAwait(false);
            reading = reading with { IsReflected = reading.IsReflected && isReflected };
        }

        return (reading, [hash.Of(user), .. owners], end);
    }

    private static void WriteProgress(Utf8JsonWriter json, (string Receipt, ErasureProgress Progress) erasure)
    {
        json.WriteStartObject();
        json.WriteString("receipt"u8, erasure.Receipt);
        json.WriteString("state"u8, erasure.Progress.IsDone ? "done" : erasure.Progress.Problem is null ? "running" : "incomplete");
        if (erasure.Progress.Problem is { } problem)
        {
            json.WriteString("problem"u8, problem);
        }

        WriteTexts(json, "waitsFor"u8, erasure.Progress.WaitsFor);
        WriteTexts(json, "remains"u8, erasure.Progress.Remains);

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

    private static void WriteTexts(Utf8JsonWriter json, ReadOnlySpan<byte> name, IReadOnlyList<string> texts)
    {
        if (texts.Count > 0)
        {
            json.WriteStartArray(name);
            foreach (string text in texts)
            {
                json.WriteStringValue(text);
            }

            json.WriteEndArray();
        }
    }
}

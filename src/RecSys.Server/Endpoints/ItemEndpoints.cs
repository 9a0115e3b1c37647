using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Options;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints of the catalogue: writes go to the log, reads use this node's fold of it.</summary>
internal sealed class ItemEndpoints(
    IInteractionLog log, IItemCatalogue catalogue, RequestBodies bodies, IOptions<RecSysServerOptions> options, TimeProvider time)
    : IEndpoints, IDisposable
{
    /// <summary>The largest number of items that one page examines; a search with few matches ends its page there.</summary>
    public const int ScanMax = 100_000;

    private const byte CursorVersion = 1;
    private const int QueryBytesMax = 512;
    private static readonly WholeParameter Count = new("count", "The number of items.", 1, 1_000, 100);
    private static readonly TextParameter Search = new("q", "A text that the id or the title must contain, ignoring case.", QueryBytesMax);

    private static readonly TextParameter Cursor =
        new("cursor", "The value of next from the preceding page.", (Limits.IdBytesMax + 1) * 2);

    private readonly SemaphoreSlim _patching = new(1);
    private LogPosition _written = LogPosition.Start;

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/items", Role.Read, ListAsync)
        {
            Name = "listItems",
            Tag = Tags.Items,
            Summary = "Returns the catalogue in pages, in the order of ids",
            Description = "A page ends at the requested count or after 4 MiB; next is then the cursor of the following page.",
            Query = [Cursor, Count, Search],
            Answer = typeof(ItemPage),
        },
        new("POST", "/v1/items:batch", Role.Write, PutManyAsync)
        {
            Name = "putItems",
            Tag = Tags.Items,
            Summary = "Sets 1 to 10,000 items, each as a whole, and deletes those whose row has \"deleted\": true",
            Description = "Each row has the fields of PUT of one item. A row of itemId and \"deleted\": true deletes the item, "
                + "including one whose id cannot be part of a path: earlier versions accepted U+0000 in the ids of bodies.",
            Body = new BodyDescription(typeof(ItemRow), IsArray: true, IsSingle: false),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("PATCH", "/v1/items:batch", Role.Write, PatchManyAsync)
        {
            Name = "patchItems",
            Tag = Tags.Items,
            Summary = "Changes the given fields of 1 to 10,000 items, adds new items, and deletes those whose row has \"deleted\": true",
            Description = "Each row has the fields of PATCH of one item, and itemId: fields that it lacks are kept. An item that is not in the catalogue is added.",
            Body = new BodyDescription(typeof(ItemRow), IsArray: true, IsSingle: false),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("GET", "/v1/items/{itemId}", Role.Read, GetAsync)
        {
            Name = "getItem",
            Tag = Tags.Items,
            Summary = "Returns an item of the catalogue",
            Query = [Parameters.After],
            Answer = typeof(ItemResponse),
        },
        new("PUT", "/v1/items/{itemId}", Role.Write, PutAsync)
        {
            Name = "putItem",
            Tag = Tags.Items,
            Summary = "Sets an item as a whole",
            Description = "Fields that the body does not have are removed, except hidden: an item stays hidden until a write sets hidden to false.",
            Body = new BodyDescription(typeof(ItemBody)),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("PATCH", "/v1/items/{itemId}", Role.Write, PatchAsync)
        {
            Name = "patchItem",
            Tag = Tags.Items,
            Summary = "Changes the given fields of an item; a null removes one",
            Body = new BodyDescription(typeof(ItemBody)),
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
        new("DELETE", "/v1/items/{itemId}", Role.Write, DeleteAsync)
        {
            Name = "deleteItem",
            Tag = Tags.Items,
            Summary = "Deletes an item: slates no longer show it",
            Status = StatusCodes.Status202Accepted,
            Answer = typeof(AcceptedResponse),
        },
    ];

    /// <inheritdoc/>
    public void Dispose() => _patching.Dispose();

    private async Task<Problem?> ListAsync(Call call)
    {
        ItemId? after = null;
        if (call.Query.Of(Cursor) is { } text)
        {
            if (!TryReadCursor(text, out ItemId id))
            {
                return Problem.OfParameter(Cursor.Name, "is not a cursor from a page");
            }

            after = id;
        }

        IEnumerable<CatalogueItem> items = after is { } from ? catalogue.Current.After(from) : catalogue.Current.All;
        return await call.AnswerAsync((items, Count.Read(call.Query.Of(Count)), call.Query.Of(Search)), WritePage).ConfigureAwait(false);
    }

    private async Task<Problem?> GetAsync(Call call)
    {
        if (call.After(Parameters.After) is { } after)
        {
            await WaitAsync(after, call.Aborted).ConfigureAwait(false);
        }

        return catalogue.Current.TryGet(call.Item(0), out CatalogueItem? item)
            ? await call.AnswerAsync(item, ItemJson.Write).ConfigureAwait(false)
            : Unknown(call);
    }

    private Task<Problem?> PutManyAsync(Call call) =>
        WriteAsync(call, new ItemParser(null, null).TryRead, isBatch: true);

    private Task<Problem?> PutAsync(Call call) =>
        WriteAsync(call, new ItemParser(call.Item(0), null).TryRead, isBatch: false);

    private Task<Problem?> PatchAsync(Call call) => InTurnAsync(
        call,
        () => catalogue.Current.TryGet(call.Item(0), out CatalogueItem? item)
            ? WriteAsync(call, new ItemParser(call.Item(0), item.Content).TryRead, isBatch: false)
            : Task.FromResult<Problem?>(Unknown(call)));

    private Task<Problem?> PatchManyAsync(Call call) => InTurnAsync(
        call,
        () =>
        {
            ItemCatalogue current = catalogue.Current;
            return WriteAsync(
                call, new ItemPatches(id => current.TryGet(id, out CatalogueItem? item) ? item.Content : null).TryRead, isBatch: true);
        });

    private async Task<Problem?> InTurnAsync(Call call, Func<Task<Problem?>> patch)
    {
        // Patches run one at a time, each based on the result of the previous one: the catalogue's fold may not have applied the previous change yet.
        if (!await _patching.WaitAsync(options.Value.AfterDeadline, call.Aborted).ConfigureAwait(false))
        {
            return Problem.Overloaded("too many changes of items are queued; retry in a moment");
        }

        try
        {
            if (!await WaitAsync(Volatile.Read(ref _written), call.Aborted).ConfigureAwait(false))
            {
                return Problem.Unavailable("the catalogue has not applied the last write of the item yet; retry in a moment");
            }

            return await patch().ConfigureAwait(false);
        }
        finally
        {
            _patching.Release();
        }
    }

    private Task<Problem?> DeleteAsync(Call call) =>
        AppendAsync(call, [new LogRecord.ItemChanged(call.Item(0), null, time.GetUtcNow().ToUnixTimeMilliseconds())]);

    private async Task<Problem?> WriteAsync(Call call, RowParser parser, bool isBatch)
    {
        (List<LogRecord>? rows, Problem? problem) = await BodyRows.ReadAsync(call, bodies, parser, isBatch, time).ConfigureAwait(false);
        return rows is null ? problem : await AppendAsync(call, rows).ConfigureAwait(false);
    }

    private async Task<Problem?> AppendAsync(Call call, List<LogRecord> rows)
    {
        LogPosition position = await log.AppendAsync(rows, call.Aborted).ConfigureAwait(false);
        LogPosition before;
        LogPosition after;
        do
        {
            before = Volatile.Read(ref _written);
            after = before.Max(position);
        }
        while (Interlocked.CompareExchange(ref _written, after, before) != before);

        return await call.AcceptAsync(rows.Count, position).ConfigureAwait(false);
    }

    private async ValueTask<bool> WaitAsync(LogPosition position, CancellationToken aborted)
    {
        using CancellationTokenSource timeout = new(options.Value.AfterDeadline, time);
        using CancellationTokenSource deadline = CancellationTokenSource.CreateLinkedTokenSource(aborted, timeout.Token);
        return await catalogue.WaitUntilAsync(position, deadline.Token).ConfigureAwait(false);
    }

    private static Problem Unknown(Call call) => Problem.NotFound($"the item '{call.Item(0)}' is not in the catalogue");

    private static bool Matches(CatalogueItem item, string search) =>
        item.Id.Value.Contains(search, StringComparison.OrdinalIgnoreCase)
        || item.Content.Title?.Contains(search, StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Writes a page: it ends at the count, at <see cref="RecSysServerOptions.PageBytesMax"/> or at <see cref="ScanMax"/>, with a cursor if items are left.</summary>
    private static void WritePage(Utf8JsonWriter json, (IEnumerable<CatalogueItem> Items, int Count, string? Search) page)
    {
        json.WriteStartObject();
        json.WriteStartArray("items"u8);
        ItemId? last = null;
        bool isMore = false;
        int written = 0;
        int scanned = 0;
        foreach (CatalogueItem item in page.Items)
        {
            if (written == page.Count || scanned == ScanMax || json.BytesCommitted + json.BytesPending >= RecSysServerOptions.PageBytesMax)
            {
                isMore = true;
                break;
            }

            scanned++;
            last = item.Id;
            if (page.Search is null || Matches(item, page.Search))
            {
                ItemJson.Write(json, item);
                written++;
            }
        }

        json.WriteEndArray();
        if (isMore)
        {
            json.WriteString("next"u8, CursorOf(last!.Value));
        }

        json.WriteEndObject();
    }

    private static string CursorOf(ItemId last) => Base64Url.EncodeToString([CursorVersion, .. Encoding.UTF8.GetBytes(last.Value)]);

    private static bool TryReadCursor(string text, out ItemId last)
    {
        last = default;
        if (!Base64Url.IsValid(text))
        {
            return false;
        }

        byte[] bytes = Base64Url.DecodeFromChars(text);
        return bytes.Length > 1 && bytes[0] == CursorVersion && ItemId.TryCreate(Encoding.UTF8.GetString(bytes.AsSpan(1)), out last);
    }
}

using RecSys.Client;
using RecSys.Core;

namespace RecSys.Cli.Import;

/// <summary>Compares the ids of imported rows with the catalogue of the server: interactions whose items it does not have, and items that it shows without titles.</summary>
internal static class CatalogueCheck
{
    /// <summary>The largest number of ids that are looked up: the first distinct ones of a file.</summary>
    public const int IdsMax = 200;

    /// <summary>The largest number of unknown ids whose other spellings are looked up.</summary>
    private const int RespelledMax = 5;

    /// <summary>The largest number of look-ups while the catalogue applies the rows that were just stored.</summary>
    private const int TriesMax = 20;

    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(100);

    /// <summary>The largest number of ids that one request looks up.</summary>
    private const int AtOnce = 20;

    /// <summary>Looks up the ids of a file. The catalogue follows the log: where something is missing, it is looked up again for up to two seconds.</summary>
    /// <returns>The problem and what to do, in one line; null if there is none, or the key may not read items.</returns>
    /// <exception cref="RecSysException">The server cannot be reached or fails.</exception>
    public static async Task<string?> AskAsync(IRecSysClient client, TimeProvider time, ImportKind kind, IReadOnlyCollection<string> ids, CancellationToken cancellationToken)
    {
        if (ids.Count == 0 || kind == ImportKind.Users)
        {
            return null;
        }

        try
        {
            List<(string Id, ItemResponse? Item)> found = await FindAsync(client, ids, cancellationToken);
            for (int tries = 1; tries < TriesMax && found.Exists(pair => pair.Item is null || (kind == ImportKind.Items && pair.Item.Title is null)); tries++)
            {
                await Task.Delay(BetweenTries, time, cancellationToken);
                found = await FindAsync(client, ids, cancellationToken);
            }

            return kind == ImportKind.Items ? Untitled(found) : await UnknownAsync(client, found, cancellationToken);
        }
        catch (RecSysException error) when (error.IsKeyRefused())
        {
            return null;
        }
    }

    private static string? Untitled(List<(string Id, ItemResponse? Item)> found)
    {
        // An item that the catalogue has not applied yet is not judged.
        string[] untitled = [.. found.Where(pair => pair.Item is { Title: null }).Select(pair => pair.Id)];
        return untitled.Length == 0 ? null
            : $"title: {untitled.Length} of {found.Count} items looked up have no title, such as '{untitled[0]}', and are shown by their ids; name the column with --map title=COLUMN, or import a file that has titles";
    }

    private static async Task<string?> UnknownAsync(IRecSysClient client, List<(string Id, ItemResponse? Item)> found, CancellationToken cancellationToken)
    {
        string[] unknown = [.. found.Where(pair => pair.Item is null).Select(pair => pair.Id)];
        if (unknown.Length == 0)
        {
            return null;
        }

        string text = $"itemId: {unknown.Length} of {found.Count} ids looked up are not in the catalogue, such as '{unknown[0]}'";
        foreach (string id in unknown.Take(RespelledMax))
        {
            if ((await FindAsync(client, SpellingsOf(id), cancellationToken)).Find(pair => pair.Item is not null).Item is { } other)
            {
                return $"{text}, but it has '{other.ItemId}' where these rows have '{id}': both files must write ids alike, so correct one of them and import it again";
            }
        }

        return $"{text}; they are recommended by their ids, without titles, categories and texts: import their items, or check that both files write ids alike";
    }

    // Other spellings that spreadsheets and programs produce: without leading zeros, with a decimal, in another case, without spaces.
    internal static string[] SpellingsOf(string id) =>
    [
        .. new[] { id.Trim(), id.TrimStart('0'), $"0{id}", $"00{id}", id.EndsWith(".0", StringComparison.Ordinal) ? id[..^2] : $"{id}.0", id.ToUpperInvariant(), id.ToLowerInvariant() }
            .Where(other => other != id && IdText.Problem(other) is null).Distinct(),
    ];

    private static async Task<List<(string Id, ItemResponse? Item)>> FindAsync(IRecSysClient client, IEnumerable<string> ids, CancellationToken cancellationToken)
    {
        List<(string, ItemResponse?)> found = [];
        foreach (string[] some in ids.Chunk(AtOnce))
        {
            ItemResponse?[] items = await Task.WhenAll(some.Select(id => client.GetItemAsync(id, cancellationToken)));
            found.AddRange(some.Zip(items));
        }

        return found;
    }
}

using RecSys.Client;
using RecSys.Core;

namespace RecSys.Cli.Import;

/// <summary>Finds out whether a file of interactions without ids was imported before, in which case its rows would count twice: its first rows are looked up in the histories of their users.</summary>
internal static class StoredRowsCheck
{
    /// <summary>The largest number of rows that are looked up, one of each user.</summary>
    private const int UsersMax = 10;

    /// <summary>The largest number of rows that are read to find them.</summary>
    private const int RowsMax = 1_000;

    /// <summary>The largest number of interactions that a history has.</summary>
    private const int HistoryMax = 1_024;

    /// <summary>Looks up the first row with a time and without an id of each of the first users.</summary>
    /// <returns>The problem and what to do, in one line; null if fewer than half of the rows are stored, or the key may not read histories.</returns>
    /// <remarks>A row that is older than the newest 1,024 interactions of its user is not found, so half of the rows suffice.</remarks>
    /// <exception cref="RecSysException">The server cannot be reached or fails.</exception>
    public static async Task<string?> AskAsync(IRecSysClient client, ImportPart part, ImportPlan plan, CancellationToken cancellationToken)
    {
        if (part.Kind != ImportKind.Interactions)
        {
            return null;
        }

        InteractionBody[] first =
        [
            .. plan.Read(new Reading()).Take(RowsMax).Select(row => row.Body).OfType<InteractionBody>()
                .Where(row => row is { Id: null, Timestamp: not null } && IdText.Problem(row.UserId) is null).DistinctBy(row => row.UserId).Take(UsersMax),
        ];
        try
        {
            List<InteractionBody> stored = [];
            foreach (InteractionBody row in first)
            {
                HistoryResponse history = await client.GetHistoryAsync(row.UserId, HistoryMax, cancellationToken: cancellationToken);
                if (history.Items.Any(entry => IsSame(entry, row)))
                {
                    stored.Add(row);
                }
            }

            return stored.Count == 0 || 2 * stored.Count < first.Length
                ? null
                : $"{part.Path}: {stored.Count} of {first.Length} rows looked up are stored already, such as '{stored[0].Type}' of item '{stored[0].ItemId}' by user '{stored[0].UserId}'; rows without an id would count twice: import a file of the other rows only, or store all of them with --again";
        }
        catch (RecSysException error) when (error.IsKeyRefused())
        {
            return null;
        }
    }

    private static bool IsSame(HistoryEntry entry, InteractionBody row) =>
        entry.ItemId == row.ItemId && entry.Type == row.Type && entry.Timestamp.ToUnixTimeMilliseconds() == row.Timestamp!.Value.ToUnixTimeMilliseconds();
}

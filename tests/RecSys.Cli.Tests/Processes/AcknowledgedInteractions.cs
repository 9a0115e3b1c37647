using System.Globalization;
using System.Net;
using RecSys.Client;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>Records clicks of a few users, and requires that their histories contain exactly those that were acknowledged.</summary>
/// <param name="users">Number of users, named <c>user-0</c> and so on.</param>
/// <param name="rowsOfAPhase">Number of clicks of one <see cref="WriteAsync"/>; a multiple of <paramref name="users"/>.</param>
internal sealed class AcknowledgedInteractions(int users, int rowsOfAPhase)
{
    private readonly Dictionary<string, List<string>> _items = Enumerable.Range(0, users).ToDictionary(UserOf, _ => new List<string>(), StringComparer.Ordinal);
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);
    private int _rows;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Gets the position of the newest acknowledged click, which histories must reflect; null before the first one.</summary>
    public string? Position { get; private set; }

    public static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");

    /// <summary>Returns the number of acknowledged clicks of each user.</summary>
    public Dictionary<string, int> Counts() => _items.ToDictionary(user => user.Key, user => user.Value.Count, StringComparer.Ordinal);

    /// <summary>Records clicks of all users on new items, in batches of one click of each user.</summary>
    public async Task WriteAsync(RecSysClient client)
    {
        for (int sent = 0; sent < rowsOfAPhase; sent += users)
        {
            InteractionBody[] rows = [.. Enumerable.Range(0, users).Select(user => Click(UserOf(user), string.Create(CultureInfo.InvariantCulture, $"item-{_rows++}")))];
            Position = (await client.RecordAsync(rows, Cancel)).Position;
            foreach (InteractionBody row in rows)
            {
                _items[row.UserId].Add(row.ItemId);
            }
        }
    }

    /// <summary>Sends a click of a user that must be refused as 503: whether it is stored is unknown.</summary>
    public async Task RequireUnavailableAsync(RecSysClient client, string user)
    {
        string item = string.Create(CultureInfo.InvariantCulture, $"unknown-{_unknown.Count}");
        _unknown.Add(item);
        RecSysException refused = await Assert.ThrowsAsync<RecSysException>(() => client.RecordAsync([Click(user, item)], Cancel));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    /// <summary>Requires that each history reflects the newest position and contains exactly the acknowledged clicks.</summary>
    /// <param name="client">The node that is asked.</param>
    /// <param name="takeover">The time within which users can be read again whose node was killed; null if every history must be readable now.</param>
    /// <returns>The history of each user.</returns>
    public async Task<Dictionary<string, HistoryResponse>> RequireAsync(RecSysClient client, TimeSpan? takeover = null)
    {
        Dictionary<string, HistoryResponse> histories = new(StringComparer.Ordinal);
        foreach ((string user, List<string> items) in _items)
        {
            HistoryResponse? history = null;
            if (takeover is null)
            {
                history = await ReadAsync(client, user);
                Assert.True(history.Reflected is true, $"what was acknowledged of {user} is not reflected");
            }
            else
            {
                await Eventually.TrueAsync(async () => (history = await TryReadAsync(client, user))?.Reflected is true, $"what was acknowledged of {user} is reflected", takeover);
            }

            Assert.Equal(
                items.Order(StringComparer.Ordinal),
                history!.Items.Select(item => item.ItemId).Where(item => !_unknown.Contains(item)).Order(StringComparer.Ordinal));
            histories[user] = history;
        }

        return histories;
    }

    private static InteractionBody Click(string user, string item) => new() { UserId = user, ItemId = item, Type = "click" };

    private Task<HistoryResponse> ReadAsync(RecSysClient client, string user) => client.GetHistoryAsync(user, count: 1_024, after: Position, cancellationToken: Cancel);

    private async Task<HistoryResponse?> TryReadAsync(RecSysClient client, string user)
    {
        try
        {
            return await ReadAsync(client, user);
        }
        catch (RecSysException away) when (away.StatusCode == HttpStatusCode.ServiceUnavailable)
        {
            return null;
        }
    }
}

using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>A sample of the ids of stored rows: of items, to look them up in the catalogue, and of users, for an example command.</summary>
internal sealed class StoredIds
{
    /// <summary>The largest number of users whose rows are counted; rows of later users are not.</summary>
    private const int UsersMax = 1_000;

    private readonly Dictionary<string, int> _users = new(StringComparer.Ordinal);
    private readonly HashSet<string> _items = new(StringComparer.Ordinal);

    /// <summary>Gets the first distinct ids of items, at most <see cref="CatalogueCheck.IdsMax"/>.</summary>
    public IReadOnlyCollection<string> Items => _items;

    /// <summary>Gets the user with the most interactions among the first <see cref="UsersMax"/>; null if there is none.</summary>
    public string? User => _users.Values.All(count => count == 0) ? null : _users.MaxBy(pair => pair.Value).Key;

    /// <summary>Gets the first distinct ids of users, at most <see cref="UsersMax"/>.</summary>
    public IReadOnlyCollection<string> Users => _users.Keys;

    /// <summary>Adds the ids of a stored row.</summary>
    public void Add(object body)
    {
        string? item = body switch
        {
            InteractionBody interaction => interaction.ItemId,
            ItemRow { Deleted: not true } row => row.ItemId,
            _ => null,
        };
        if (item is not null && _items.Count < CatalogueCheck.IdsMax)
        {
            _items.Add(item);
        }

        if (body is UserRow profile && _users.Count < UsersMax)
        {
            _users.TryAdd(profile.UserId, 0);
        }

        if (body is InteractionBody { UserId: var user } && (_users.Count < UsersMax || _users.ContainsKey(user)))
        {
            _users[user] = _users.GetValueOrDefault(user) + 1;
        }
    }
}

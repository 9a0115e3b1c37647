using System.Globalization;
using RecSys.Client;

namespace RecSys.Eng.Kills;

/// <summary>The operations that were sent to the server, and those that were acknowledged.</summary>
/// <remarks>Safe for concurrent use.</remarks>
internal sealed class Ledger
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, History> _histories = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ItemTitles> _items = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _acknowledged = new(StringComparer.Ordinal);
    private readonly Queue<Operation> _unanswered = new();
    private string? _lastPosition;
    private long _ids;

    /// <summary>Gets the newest acknowledged position; null before the first.</summary>
    public string? LastPosition
    {
        get
        {
            lock (_lock)
            {
                return _lastPosition;
            }
        }
    }

    /// <summary>Gets how many operations of each kind were acknowledged.</summary>
    public SortedDictionary<string, long> Acknowledged
    {
        get
        {
            lock (_lock)
            {
                return new SortedDictionary<string, long>(_acknowledged, StringComparer.Ordinal);
            }
        }
    }

    /// <summary>Gets the users with operations.</summary>
    public string[] Users
    {
        get
        {
            lock (_lock)
            {
                return [.. _histories.Keys];
            }
        }
    }

    /// <summary>Gets the items that were changed.</summary>
    public string[] Items
    {
        get
        {
            lock (_lock)
            {
                return [.. _items.Keys];
            }
        }
    }

    /// <summary>Gets the receipts of the acknowledged erasures.</summary>
    public List<string> Receipts { get; } = [];

    /// <summary>Gets the users with an acknowledged erasure.</summary>
    public HashSet<string> Erased { get; } = new(StringComparer.Ordinal);

    /// <summary>Creates interactions with unique ids, and records them as sent.</summary>
    /// <param name="user">Id of the user.</param>
    /// <param name="count">How many.</param>
    /// <param name="device">A text in their context; null: none.</param>
    public InteractionBody[] New(string user, int count, string? device = null)
    {
        lock (_lock)
        {
            InteractionBody[] rows = new InteractionBody[count];
            for (int i = 0; i < count; i++)
            {
                long number = _ids++;
                rows[i] = new InteractionBody
                {
                    UserId = user,

                    // Groups of users with their own items, so that a model can learn them and passes the gate.
                    ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{user[^1] % 10}-{(number * 7) % 15}"),
                    Type = "click",
                    Id = string.Create(CultureInfo.InvariantCulture, $"did-{number}"),
                    Context = device is null ? null : new ContextBody { Device = device },
                };
                Of(user).Sent.Add(rows[i].Id!);
            }

            return rows;
        }
    }

    /// <summary>Records rows as acknowledged.</summary>
    public void Acknowledge(string kind, IEnumerable<InteractionBody> rows, string position)
    {
        lock (_lock)
        {
            foreach (InteractionBody row in rows)
            {
                Of(row.UserId).Acknowledged.Add(row.Id!);
                Increment(kind);
            }

            _lastPosition = position;
        }
    }

    /// <summary>Records an operation as acknowledged, with its effect on histories.</summary>
    public void Acknowledge(Operation operation, string position)
    {
        lock (_lock)
        {
            Increment(operation.Kind);
            _lastPosition = position;
            History history = Of(operation.Subject);
            switch (operation.Kind)
            {
                case Operation.Erase:
                    Erased.Add(operation.Subject);
                    history.Acknowledged.Clear();
                    history.Sent.Clear();
                    break;
                case Operation.Merge:
                    History guest = Of(operation.Object);
                    history.Acknowledged.UnionWith(guest.Acknowledged);
                    history.Sent.UnionWith(guest.Sent);
                    break;
                case Operation.Retract:
                    history.Acknowledged.Remove(operation.Object);
                    history.Sent.Remove(operation.Object);
                    break;
            }
        }
    }

    /// <summary>Adds an operation that was sent and not answered: it may be stored or not, and is sent again.</summary>
    public void AddUnanswered(Operation operation)
    {
        lock (_lock)
        {
            _unanswered.Enqueue(operation);
        }
    }

    /// <summary>Removes and returns the next operation without an answer.</summary>
    public bool TryRemoveUnanswered(out Operation operation)
    {
        lock (_lock)
        {
            return _unanswered.TryDequeue(out operation!);
        }
    }

    /// <summary>Creates the next title of an item, and records it as sent.</summary>
    public string NewTitle(string item)
    {
        lock (_lock)
        {
            if (!_items.TryGetValue(item, out ItemTitles? titles))
            {
                _items[item] = titles = new ItemTitles();
            }

            string title = string.Create(CultureInfo.InvariantCulture, $"title {_ids++} of {item}");
            titles.Possible.Add(title);
            return title;
        }
    }

    /// <summary>Records a title as acknowledged; it replaces the earlier ones.</summary>
    public void AcknowledgeTitle(string item, string title, string position)
    {
        lock (_lock)
        {
            _items[item].Possible.RemoveRange(0, _items[item].Possible.IndexOf(title));
            _items[item].IsAcknowledged = true;
            _lastPosition = position;
            Increment("item changes");
        }
    }

    /// <summary>Returns the problem of an answered title; null if it is right.</summary>
    public string? ProblemOfTitle(string item, string? answered)
    {
        lock (_lock)
        {
            ItemTitles titles = _items[item];
            return (answered is null && !titles.IsAcknowledged) || titles.Possible.Contains(answered ?? "")
                ? null
                : $"{item} has the title '{answered}', and '{titles.Possible[0]}' was acknowledged";
        }
    }

    /// <summary>Returns the problem of an answered history; null if it is right.</summary>
    public string? ProblemOf(string user, IReadOnlyList<HistoryEntry> answered)
    {
        lock (_lock)
        {
            History history = Of(user);
            HashSet<string> found = [.. answered.Select(entry => entry.Id!)];
            return found.Count != answered.Count ? $"{user}: {answered.Count - found.Count} interactions count twice"
                : history.Acknowledged.Except(found).FirstOrDefault() is { } lost ? $"{user}: {history.Acknowledged.Except(found).Count()} acknowledged interactions are lost, the first {lost}"
                : found.Except(history.Sent).FirstOrDefault() is { } back ? $"{user}: {found.Except(history.Sent).Count()} erased or retracted interactions are in the history, the first {back}"
                : null;
        }
    }

    /// <summary>Returns the ids of the acknowledged interactions of users.</summary>
    public Dictionary<string, string[]> AcknowledgedOf(IEnumerable<string> users)
    {
        lock (_lock)
        {
            return users.ToDictionary(user => user, user => Of(user).Acknowledged.ToArray(), StringComparer.Ordinal);
        }
    }

    /// <summary>Returns the problem of a user's history in a restored backup; null if it is right.</summary>
    /// <param name="user">A user that was neither merged nor erased.</param>
    /// <param name="before">The interactions that were acknowledged when the backup began.</param>
    /// <param name="restored">The history in the restored backup.</param>
    public string? ProblemOfBackup(string user, IEnumerable<string> before, IReadOnlyList<HistoryEntry> restored)
    {
        lock (_lock)
        {
            // Interactions retracted since then may be in the backup or not.
            string[] lost = [.. before.Intersect(Of(user).Acknowledged).Except(restored.Select(entry => entry.Id!))];
            return lost.Length == 0 ? null : $"{user}: a restored backup lacks {lost.Length} interactions acknowledged before it began, the first {lost[0]}";
        }
    }

    /// <summary>Counts an acknowledged operation that changes no data.</summary>
    public void Count(string kind)
    {
        lock (_lock)
        {
            Increment(kind);
        }
    }

    private void Increment(string kind) => _acknowledged[kind] = _acknowledged.GetValueOrDefault(kind) + 1;

    private History Of(string user)
    {
        if (!_histories.TryGetValue(user, out History? history))
        {
            _histories[user] = history = new History();
        }

        return history;
    }

    // invariant: Acknowledged ⊆ Sent
    private sealed class History
    {
        public HashSet<string> Sent { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Acknowledged { get; } = new(StringComparer.Ordinal);
    }

    // Possible: the newest acknowledged title and those that were sent after it
    private sealed class ItemTitles
    {
        public List<string> Possible { get; } = [];

        public bool IsAcknowledged { get; set; }
    }
}

/// <summary>An operation on a user that can be sent again.</summary>
/// <param name="Kind">One of the constants.</param>
/// <param name="Subject">The user.</param>
/// <param name="Object">The guest of a merge, or the id of the retracted interaction.</param>
internal sealed record Operation(string Kind, string Subject, string Object = "")
{
    public const string Erase = "erasures";
    public const string Merge = "merges";
    public const string Retract = "retractions";
}

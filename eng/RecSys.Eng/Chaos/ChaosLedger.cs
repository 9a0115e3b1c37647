using System.Globalization;
using RecSys.Client;

namespace RecSys.Eng.Chaos;

/// <summary>The interactions that were sent and acknowledged. Each user's are sent by one writer, so that the last acknowledged position of a user covers all. Safe for concurrent use.</summary>
internal sealed class ChaosLedger(int users)
{
    private readonly int[] _sent = new int[users];
    private readonly int[] _acknowledged = new int[users];
    private readonly string?[] _positions = new string?[users];
    private long _total;

    /// <summary>Gets the number of users.</summary>
    public int Users => users;

    /// <summary>Gets the number of acknowledged interactions.</summary>
    public long Total => Interlocked.Read(ref _total);

    /// <summary>Returns the id of a user.</summary>
    public static string UserOf(int user) => string.Create(CultureInfo.InvariantCulture, $"user-{user}");

    /// <summary>Returns the id of an interaction.</summary>
    /// <param name="user">Id of the user.</param>
    /// <param name="number">The number among those of the user, from 0.</param>
    public static string IdOf(int user, int number) => string.Create(CultureInfo.InvariantCulture, $"{user}-{number}");

    /// <summary>Returns a new interaction of a user.</summary>
    public InteractionBody New(int user, string item, string type) =>
        new() { UserId = UserOf(user), ItemId = item, Type = type, Id = IdOf(user, _sent[user]++) };

    /// <summary>Records that all interactions of users that were sent are acknowledged.</summary>
    public void Acknowledge(IReadOnlyList<int> batch, string position)
    {
        foreach (int user in batch)
        {
            Volatile.Write(ref _positions[user], position);
            Volatile.Write(ref _acknowledged[user], _sent[user]);
        }

        Interlocked.Add(ref _total, batch.Count);
    }

    /// <summary>Returns the number of acknowledged interactions of a user.</summary>
    public int AcknowledgedOf(int user) => Volatile.Read(ref _acknowledged[user]);

    /// <summary>Returns the position of the last acknowledged interaction of a user; null if there is none.</summary>
    public string? PositionOf(int user) => Volatile.Read(ref _positions[user]);

    /// <summary>Returns the problem of the ids that a profile contains; null if it has each acknowledged one once, and no other.</summary>
    public string? ProblemOf(int user, IReadOnlyList<string?> found)
    {
        HashSet<string> wanted = [.. Enumerable.Range(0, AcknowledgedOf(user)).Select(number => IdOf(user, number))];
        HashSet<string?> once = [.. found];
        return once.Count != found.Count ? $"{UserOf(user)}: {found.Count - once.Count} interactions are held twice"
            : wanted.FirstOrDefault(id => !once.Contains(id)) is { } lost ? $"{UserOf(user)}: {wanted.Count(id => !once.Contains(id))} of {wanted.Count} acknowledged interactions are lost, the first {lost}"
            : once.Count != wanted.Count ? $"{UserOf(user)}: {once.Count - wanted.Count} interactions were never acknowledged"
            : null;
    }
}

using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;

namespace RecSys.Batch.Training;

/// <summary>The contents of the log up to a watermark: the interactions of all users, and the catalogue.</summary>
/// <param name="Watermark">Position up to which the log was read.</param>
/// <param name="Table">Interactions of all users.</param>
/// <param name="Catalogue">The known items.</param>
public sealed record LogHistory(LogPosition Watermark, InteractionTable Table, ItemCatalogue Catalogue)
{
    /// <summary>Gets the training set of all interactions; built once.</summary>
    public TrainingSet TrainingSet => field ??= Table.ToTrainingSet();

    /// <summary>Returns the position of the log's newest records.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static Task<LogPosition> WatermarkAsync(IInteractionLog log, CancellationToken cancellationToken) => log.GetEndAsync(cancellationToken).AsTask();

    /// <summary>Reads the log up to a watermark.</summary>
    /// <param name="log">The log.</param>
    /// <param name="watermark">Position up to which to read.</param>
    /// <param name="types">Weights of interactions.</param>
    /// <param name="progress">Called with the share that was read, 0 to 1.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static async Task<LogHistory> ReadAsync(
        IInteractionLog log,
        LogPosition watermark,
        InteractionTypes types,
        Action<double>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(watermark);
        ProfileFold profiles = new();
        CatalogueFold catalogue = new();
        await foreach ((int partition, ReadOnlyMemory<LogEntry> entries) in log.ReadUpToAsync(watermark, progress, cancellationToken).ConfigureAwait(false))
        {
            profiles.Apply(watermark.Epoch, partition, entries.Span);
            catalogue.Apply(watermark.Epoch, partition, entries.Span);
        }

        return new LogHistory(watermark, TableOf(profiles, catalogue.Current, types), catalogue.Current);
    }

    /// <summary>Returns the interactions of a fold's users, in an order that depends on what they did only (<see cref="HistoryOrder"/>); users that were merged into another are part of that one.</summary>
    public static InteractionTable TableOf(ProfileFold profiles, ItemCatalogue catalogue, InteractionTypes types)
    {
        ArgumentNullException.ThrowIfNull(profiles);
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(types);
        List<UserProfile> users = Users(profiles);
        ItemIndex.Builder items = new();
        foreach (CatalogueItem item in catalogue.All)
        {
            items.Add(System.Text.Encoding.UTF8.GetBytes(item.Id.Value));
        }

        foreach (UserProfile user in users)
        {
            foreach ((ProfileInteraction interaction, _, _) in ActsOf(user, types))
            {
                items.Add(interaction.ItemUtf8);
            }
        }

        ItemIndex index = items.Build();
        InteractionTable.Builder table = new(index);
        foreach (UserProfile user in users)
        {
            foreach ((ProfileInteraction interaction, InteractionKind kind, float weight) in ActsOf(user, types))
            {
                if (index.TryGetIndex(interaction.ItemUtf8, out int item))
                {
                    table.Add(item, interaction.TimestampMs, weight, kind);
                }
            }

            table.EndUserNewestFirst();
        }

        return table.Build();
    }

    /// <summary>Returns the interactions of a user that count, newest first; of older statements only negative weights.</summary>
    private static IEnumerable<(ProfileInteraction Interaction, InteractionKind Kind, float Weight)> ActsOf(UserProfile user, InteractionTypes types)
    {
        foreach (ProfileInteraction interaction in user.History)
        {
            if (types.TryGet(interaction.Type, out InteractionType? type)
                && type.WeightOf(interaction.Value) is float weight && (weight != 0 || ActRule.IsStatement(type.Kind)))
            {
                yield return (interaction, type.Kind, weight);
            }
        }

        foreach (ProfileInteraction interaction in user.OlderStatements)
        {
            if (types.TryGet(interaction.Type, out InteractionType? type) && ActRule.IsStatement(type.Kind))
            {
                yield return (interaction, type.Kind, Math.Min(type.WeightOf(interaction.Value), 0));
            }
        }
    }

    // Users that did not refuse consent, each combined with the users merged into it that a read of the profile follows.
    private static List<UserProfile> Users(ProfileFold profiles)
    {
        IReadOnlyList<Owner> owners = profiles.Owners;
        HashSet<Owner> linked = [];
        foreach (Owner owner in owners)
        {
            foreach (UserAlias alias in profiles[owner].Aliases)
            {
                linked.Add(alias.Owner);
            }
        }

        List<UserProfile> users = [];
        HashSet<Owner> seen = [];

        // Users that are not merged into another come first. Then come those that no other user's chain included, each with its own chain: users merged in a circle,
        // and users beyond the limit of a chain. So no user's interactions are left out of training.
        foreach (Owner owner in owners.Where(owner => !linked.Contains(owner)).Concat(owners.Where(linked.Contains)))
        {
            if (!seen.Add(owner))
            {
                continue;
            }

            UserProfile user = profiles[owner].MergeAll(merged => profiles[merged], seen);
            if (user.Consent is not false && user.Count > 0)
            {
                users.Add(user);
            }
        }

        users.Sort(HistoryOrder.Instance);
        return users;
    }
}

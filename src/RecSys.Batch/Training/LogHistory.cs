using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;

namespace RecSys.Batch.Training;

/// <summary>The contents of the log up to a watermark: the interactions of all users, and the catalogue.</summary>
/// <param name="Watermark">The position up to which the log was read.</param>
/// <param name="Table">The interactions of all users.</param>
/// <param name="Catalogue">The items of the catalogue at the watermark.</param>
public sealed record LogHistory(LogPosition Watermark, InteractionTable Table, ItemCatalogue Catalogue)
{
    /// <summary>Gets the training set of all interactions, which is built at the first call.</summary>
    public TrainingSet TrainingSet => field ??= Table.ToTrainingSet();

    /// <summary>Returns the position of the log's newest records.</summary>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static Task<LogPosition> WatermarkAsync(IInteractionLog log, CancellationToken cancellationToken) => log.GetEndAsync(cancellationToken).AsTask();

    /// <summary>Reads the log up to a watermark. Blocks, and applies the records on the calling thread, so that its priority applies.</summary>
    /// <param name="log">The log to read.</param>
    /// <param name="watermark">The position up to which the log is read.</param>
    /// <param name="types">The types of interactions, with their weights.</param>
    /// <param name="progress">Called with the share that was read, 0 to 1; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    public static LogHistory Read(
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
        foreach ((int partition, ReadOnlyMemory<LogEntry> entries) in log.ReadUpToAsync(watermark, progress, cancellationToken).ToBlockingEnumerable(cancellationToken))
        {
            profiles.Apply(watermark.Epoch, partition, entries.Span);
            catalogue.Apply(watermark.Epoch, partition, entries.Span);
        }

        return new LogHistory(watermark, TableOf(profiles, catalogue.Current, types), catalogue.Current);
    }

    /// <summary>Returns the interactions of the users of a fold. The users are in <see cref="HistoryOrder"/>; the interactions of users that were merged into another one are part of that user's.</summary>
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

    /// <summary>Returns the interactions of a user that may count, newest first. Older statements have a weight of at most 0.</summary>
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

    // Returns the users who did not refuse consent, each combined with the users merged into it, as a read of the profile combines them.
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

        // First come the users that are not merged into another one. Then come the users that were not reached from them, each with the users merged into it: users merged in a circle,
        // and users beyond the limit of a chain. So training leaves out no user's interactions.
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

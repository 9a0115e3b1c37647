using RecSys.Core.Log;

namespace RecSys.Core.Users;

public sealed partial class UserProfile
{
    /// <summary>
    /// Combines the profiles of this user and of the users merged into it, directly or through others. It follows the aliases breadth first to at most <see cref="Limits.AliasesMax"/> users, as live reads do.
    /// </summary>
    /// <param name="profileOf">Returns the profile of an owner.</param>
    /// <param name="followed">The owners to skip, including this user's own. Each owner whose profile is read is added.</param>
    /// <returns>The profile, as <see cref="Merge"/> returns it.</returns>
    public UserProfile MergeAll(Func<Owner, UserProfile> profileOf, ISet<Owner> followed)
    {
        ArgumentNullException.ThrowIfNull(profileOf);
        ArgumentNullException.ThrowIfNull(followed);
        List<UserProfile> merged = [];
        Queue<UserAlias> next = new(Aliases);
        while (merged.Count < Limits.AliasesMax && next.TryDequeue(out UserAlias? alias))
        {
            if (followed.Add(alias.Owner))
            {
                UserProfile profile = profileOf(alias.Owner);
                merged.Add(profile);
                foreach (UserAlias further in profile.Aliases)
                {
                    next.Enqueue(further);
                }
            }
        }

        return Merge(this, merged);
    }

    /// <summary>Combines the profile of a user and those of its aliases into one for reading.</summary>
    /// <param name="target">The user that has the aliases.</param>
    /// <param name="aliases">The profiles of the aliases, the first ones taking precedence.</param>
    /// <returns>
    /// The newest of all interactions, ordered by time and position in the log, and the newest of the older statements; each interaction id occurs once. Position, erasure and aliases
    /// are the target's. Each label is the target's, or that of the first alias that has it. Consent is the target's; if the target has none, it is refused if any alias refused it, otherwise given if any alias gave it.
    /// </returns>
    public static UserProfile Merge(UserProfile target, IReadOnlyList<UserProfile> aliases)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(aliases);
        if (aliases.Count == 0)
        {
            return target;
        }

        List<ProfileInteraction> all = [.. target.History, .. target.OlderStatements];
        ProfileFacts facts = target.Facts;
        foreach (UserProfile alias in aliases)
        {
            all.AddRange(alias.History);
            all.AddRange(alias.OlderStatements);
            facts = facts with
            {
                Labels = alias.Facts.Labels.SetItems(facts.Labels),
                Consent = target.Consent ?? (facts.Consent is false ? false : alias.Consent is false ? false : facts.Consent ?? alias.Consent),
            };
        }

        DropRepeats(all);
        all.Sort((left, right) => left.Key.CompareTo(right.Key));
        PackedHistory history = default;
        PackedHistory older = default;
        for (int i = 0; i < all.Count; i++)
        {
            if (all.Count - i > Limits.HistoryMax)
            {
                older = older.Keep(all[i].Key, all[i].BodyBytes);
            }
            else
            {
                history = history.Push(all[i].Key, all[i].BodyBytes, ref older);
            }
        }

        facts = facts with { Older = older };
        return Of(history, target._position, facts);
    }

    /// <summary>Removes repeats: of interactions with the same id, the first one in the log is kept, as in <see cref="PackedHistory.Add"/>.</summary>
    private static void DropRepeats(List<ProfileInteraction> interactions)
    {
        Dictionary<string, RecordPosition> first = new(StringComparer.Ordinal);
        foreach (ProfileInteraction interaction in interactions)
        {
            if (interaction.Id is { } id && (!first.TryGetValue(id, out RecordPosition held) || interaction.Position < held))
            {
                first[id] = interaction.Position;
            }
        }

        if (first.Count > 0)
        {
            interactions.RemoveAll(interaction => interaction.Id is { } id && first[id] != interaction.Position);
        }
    }
}

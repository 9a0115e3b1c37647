using RecSys.Core.Log;

namespace RecSys.Core.Users;

public sealed partial class UserProfile
{
    /// <summary>
    /// Combines the histories of this user and of the users merged into it, directly or through others: breadth first, at most <see cref="Limits.AliasesMax"/>, as live reads do.
    /// </summary>
    /// <param name="profileOf">Returns the profile of an owner.</param>
    /// <param name="followed">The owners that are not read, including this user's own; receives each owner that is read.</param>
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

    /// <summary>Combines the histories of merged users for reading.</summary>
    /// <param name="target">The user that has the aliases.</param>
    /// <param name="aliases">The aliases' own profiles.</param>
    /// <returns>
    /// The newest of all interactions in their total order, and the newest of the older statements, each interaction id once. Position, erasure and aliases are the target's. Labels
    /// and consent are the target's if it has them, otherwise those of the first alias that has them; a consent that any alias refused stays refused.
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

    /// <summary>Removes repeats: of interactions with one id, the first one in the log is kept, as in <see cref="PackedHistory.Add"/>.</summary>
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

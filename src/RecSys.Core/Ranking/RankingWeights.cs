using System.Collections.Immutable;

namespace RecSys.Core.Ranking;

/// <summary>Weights of a linear ranker's features, for users who are known and for users of whom nothing is known. A model's card holds those that were fitted with it.</summary>
/// <remarks>The weights of a user are (1 − s) · known + s · new, s being the share of the weights for new users, 0 to 1.</remarks>
public sealed record RankingWeights
{
    /// <summary>The largest absolute value of a weight.</summary>
    public const double WeightMax = 100;

    /// <summary>Prefix of the names of <see cref="Known"/> among a model's parameters.</summary>
    public const string KnownPrefix = "weights.";

    /// <summary>Prefix of the names of <see cref="NewUsers"/> among a model's parameters.</summary>
    public const string NewUsersPrefix = "newUserWeights.";

    /// <summary>Creates weights.</summary>
    /// <param name="features">Names of the features.</param>
    /// <param name="known">A weight per feature.</param>
    /// <param name="newUsers">A weight per feature.</param>
    /// <exception cref="ArgumentException">The lengths differ, or a weight is not finite or beyond <see cref="WeightMax"/>.</exception>
    public RankingWeights(ImmutableArray<string> features, ImmutableArray<double> known, ImmutableArray<double> newUsers)
    {
        if (known.Length != features.Length || newUsers.Length != features.Length)
        {
            throw new ArgumentException($"{features.Length} features have {known.Length} and {newUsers.Length} weights", nameof(known));
        }

        if (!known.All(IsAllowed) || !newUsers.All(IsAllowed))
        {
            throw new ArgumentException($"a weight is not from -{WeightMax} to {WeightMax}", nameof(known));
        }

        (Features, Known, NewUsers) = (features, known, newUsers);
    }

    /// <summary>Gets the names of the features.</summary>
    public ImmutableArray<string> Features { get; }

    /// <summary>Gets the weights for known users, in the order of <see cref="Features"/>.</summary>
    public ImmutableArray<double> Known { get; }

    /// <summary>Gets the weights for users of whom nothing is known.</summary>
    public ImmutableArray<double> NewUsers { get; }

    /// <summary>Reads the weights among a model's parameters.</summary>
    /// <param name="parameters">Parameters of the model's card, by name.</param>
    /// <param name="features">The features that the ranker reads.</param>
    /// <returns>The weights; null if there are none, those of other features, or one that is not allowed.</returns>
    public static RankingWeights? Read(ImmutableSortedDictionary<string, double> parameters, ImmutableArray<string> features)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        double[] known = new double[features.Length];
        double[] newUsers = new double[features.Length];
        for (int feature = 0; feature < features.Length; feature++)
        {
            if (!parameters.TryGetValue(KnownPrefix + features[feature], out known[feature])
                || !parameters.TryGetValue(NewUsersPrefix + features[feature], out newUsers[feature])
                || !IsAllowed(known[feature]) || !IsAllowed(newUsers[feature]))
            {
                return null;
            }
        }

        bool hasOthers = parameters.Keys.Count(name => name.StartsWith(KnownPrefix, StringComparison.Ordinal)) != features.Length;
        return hasOthers ? null : new RankingWeights(features, [.. known], [.. newUsers]);
    }

    /// <summary>Returns a model's parameters with these weights in place of others.</summary>
    public ImmutableSortedDictionary<string, double> WriteTo(ImmutableSortedDictionary<string, double> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ImmutableSortedDictionary<string, double>.Builder written = parameters.RemoveRange(parameters.Keys.Where(
            name => name.StartsWith(KnownPrefix, StringComparison.Ordinal) || name.StartsWith(NewUsersPrefix, StringComparison.Ordinal))).ToBuilder();
        for (int feature = 0; feature < Features.Length; feature++)
        {
            written[KnownPrefix + Features[feature]] = Known[feature];
            written[NewUsersPrefix + Features[feature]] = NewUsers[feature];
        }

        return written.ToImmutable();
    }

    private static bool IsAllowed(double weight) => Math.Abs(weight) <= WeightMax;
}

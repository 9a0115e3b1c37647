using System.Collections.Immutable;
using RecSys.Core.Models;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;

namespace RecSys.Core.Ports;

/// <summary>Opens the serving layer, with the installation's settings, over other views than the live ones, so that an evaluation uses the same code as live requests.</summary>
public interface ISlateEvaluation
{
    /// <summary>Gets the weights of the features with a model that has no fitted ones; null if fitted weights have no effect, because of a plugged-in ranker or the settings.</summary>
    RankingWeights? Weights { get; }

    /// <summary>Gets the features to which a fit gives a weight only if slates are better with them.</summary>
    ImmutableArray<OptionalFeature> OptionalFeatures { get; }

    /// <summary>Returns whether the confidences of slates with a model are probabilities: by a curve that was fitted with the model, or by one of the settings.</summary>
    /// <param name="model">The card of the model; null if there is none.</param>
    bool HasFittedConfidence(ModelCard? model);

    /// <summary>Opens the serving layer over given views.</summary>
    /// <param name="views">The views; they belong to the caller, and must stay open while slates are made.</param>
    IEvaluatedSlates Open(EvaluatedViews views);
}

/// <summary>A feature to which a fit gives a weight only if slates are better with it.</summary>
/// <param name="Name">Name of the feature.</param>
/// <param name="IsCostly">Whether a slate takes longer where its weight is above 0: then the whole interval of the difference must be above 0; otherwise the difference must exceed one standard error.</param>
public readonly record struct OptionalFeature(string Name, bool IsCostly);

/// <summary>The serving layer over the views of one evaluation.</summary>
/// <remarks>Safe for concurrent use while the views do not change. The same views and requests give the same slates.</remarks>
public interface IEvaluatedSlates : IDisposable
{
    /// <summary>Makes a slate. No deadline applies, so that the slate does not depend on the speed of the machine.</summary>
    /// <param name="request">The request, as a server would get it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ArgumentException">The request is not valid.</exception>
    ValueTask<Slate> SlateAsync(SlateRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the candidates of a slate and their features, which the ranker scores.</summary>
    /// <param name="request">The request, as a server would get it.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="ArgumentException">The request is not valid.</exception>
    ValueTask<CandidateFeatures> CandidatesAsync(SlateRequest request, CancellationToken cancellationToken);

    /// <summary>Returns the items of the slate with each of several sets of weights. They have the same candidates and features, except that candidates of one of the <see cref="ISlateEvaluation.OptionalFeatures"/> are only in slates whose weight of it is above 0.</summary>
    /// <param name="request">The request, as a server would get it.</param>
    /// <param name="weights">The sets of weights.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>For each set of weights, in the order of the sets, the ranked items of the slate.</returns>
    /// <exception cref="ArgumentException">The request is not valid.</exception>
    ValueTask<RankedItems[]> ItemsAsync(SlateRequest request, IReadOnlyList<RankingWeights> weights, CancellationToken cancellationToken);
}

/// <summary>The items of a slate with their scores.</summary>
/// <param name="Items">The items, in the order of the slate.</param>
/// <param name="Scores">The score of each item.</param>
/// <param name="KnownLikes">The number of distinct liked items of the history that the model has.</param>
public sealed record RankedItems(IReadOnlyList<ItemId> Items, IReadOnlyList<double> Scores, int KnownLikes);

/// <summary>The candidates of a slate before the selection, without those that the user has seen.</summary>
/// <param name="Items">Ids of the candidates.</param>
/// <param name="Rows">A row of features per candidate, in the order of the weights' names.</param>
/// <param name="NewShare">The share of the weights for new users, 0 to 1.</param>
public sealed record CandidateFeatures(IReadOnlyList<ItemId> Items, ReadOnlyMemory<float> Rows, float NewShare);

/// <summary>The views that the serving layer reads in an evaluation.</summary>
/// <param name="Profiles">The profiles of users at the time of the evaluated request.</param>
/// <param name="Catalogue">The items at that time.</param>
/// <param name="Trends">Trends and co-visits at that time.</param>
/// <param name="Model">The model, which belongs to the caller.</param>
/// <param name="Time">The clock, which shows the time of the evaluated request.</param>
/// <param name="Seed">Seed of exploration.</param>
public sealed record EvaluatedViews(
    IUserProfiles Profiles, IItemCatalogue Catalogue, ITrends Trends, ModelSnapshot Model, TimeProvider Time, ulong Seed);

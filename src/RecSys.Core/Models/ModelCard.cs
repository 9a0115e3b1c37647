using System.Collections.Immutable;
using RecSys.Core.Log;

namespace RecSys.Core.Models;

/// <summary>The description of a model. The properties that a training sets depend only on the log, the catalogue, the options, the seed and the parent.</summary>
/// <remarks>
/// The store sets <see cref="Version"/>, <see cref="CreatedAtMs"/>, <see cref="SizeBytes"/> and <see cref="Installation"/>. The first three are not part of the snapshot's bytes,
/// so that the same training in one installation gives the same bytes at any time.
/// </remarks>
public sealed record ModelCard
{
    /// <summary>The largest number of ancestors that <see cref="Lineage"/> names.</summary>
    public const int LineageMax = 32;

    /// <summary>Gets the version under which the model was published; the default value in a card that is not from a store.</summary>
    public ModelVersion Version { get; init; }

    /// <summary>Gets the time of publication, in milliseconds since 1970, UTC; 0 before the publication.</summary>
    public long CreatedAtMs { get; init; }

    /// <summary>Gets the size of the model's file in bytes; 0 in a card that is not from a store.</summary>
    public long SizeBytes { get; init; }

    /// <summary>Gets the installation on whose log the model was trained; null in a card of an earlier program, or that is not from a store.</summary>
    public InstallationId? Installation { get; init; }

    /// <summary>Gets the name of the algorithm, such as <c>ials</c>.</summary>
    public required string Algorithm { get; init; }

    /// <summary>Gets the model whose embeddings the training started from, or null.</summary>
    public ModelVersion? Parent { get; init; }

    /// <summary>Gets the parent, its parent and so on, at most <see cref="LineageMax"/>.</summary>
    public ImmutableArray<ModelVersion> Lineage { get; init; } = [];

    /// <summary>Gets the position up to which the log was read.</summary>
    public LogPosition Watermark { get; init; } = LogPosition.Start;

    /// <summary>Gets the time of the newest interaction that was read, in milliseconds since 1970, UTC; 0 if there is none.</summary>
    public long NewestInteractionMs { get; init; }

    /// <summary>Gets the seed of all random numbers.</summary>
    public ulong Seed { get; init; }

    /// <summary>Gets the number of items in the snapshot.</summary>
    public int ItemCount { get; init; }

    /// <summary>Gets the number of users whose histories were learned from.</summary>
    public int UserCount { get; init; }

    /// <summary>Gets the number of distinct (user, item) pairs that were learned from.</summary>
    public long InteractionCount { get; init; }

    /// <summary>Gets the training's parameters by name.</summary>
    public ImmutableSortedDictionary<string, double> Parameters { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>Gets the measured values by name, such as <c>ndcg@10</c>.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);

    /// <summary>Gets the verdict of the gate in one line; null if the gate did not judge the model.</summary>
    public string? Verdict { get; init; }
}

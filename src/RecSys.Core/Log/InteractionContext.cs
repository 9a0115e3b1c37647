using System.Collections.Immutable;

namespace RecSys.Core.Log;

/// <summary>The context that a caller sent with an interaction or a request. All of it is optional.</summary>
public sealed record InteractionContext
{
    /// <summary>Gets the location: the caller's text.</summary>
    public string? Location { get; init; }

    /// <summary>Gets the device: the caller's text.</summary>
    public string? Device { get; init; }

    /// <summary>Gets the local time: the caller's text.</summary>
    public string? Time { get; init; }

    /// <summary>Gets the numbers of the session, finite; at most <see cref="Limits.LabelsMax"/>.</summary>
    public ImmutableSortedDictionary<string, double> SessionFeatures { get; init; } =
        ImmutableSortedDictionary.Create<string, double>(StringComparer.Ordinal);
}

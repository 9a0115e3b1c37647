using RecSys.Core;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>A source of candidates. The sources run on the request's thread, one after the other; each reads data in memory and takes microseconds.</summary>
internal interface ICandidateSource
{
    /// <summary>Gets the name of the source in slates.</summary>
    string Name { get; }

    /// <summary>Gets the index of the feature that only this source writes; −1 if there is none. The feature is set to 0 if the source is left out.</summary>
    int Feature { get; }

    /// <summary>Returns whether the source may have candidates for a request.</summary>
    bool IsWanted(SlateRun run);

    /// <summary>Adds the candidates of the source to a request.</summary>
    /// <param name="run">The request, to which <see cref="SlateRun.Add(ItemId, int)"/> adds a candidate.</param>
    /// <param name="source">The number of the source's bit.</param>
    /// <param name="limit">The share of the deadline by which the source must be done. It is checked between steps that may take long.</param>
    /// <returns>False if the source stopped because the limit was reached; the caller then withdraws its candidates.</returns>
    bool TryCollect(SlateRun run, int source, double limit);
}

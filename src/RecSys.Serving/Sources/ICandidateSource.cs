using RecSys.Core;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>A source of candidates. Sources run on the request's thread, one after the other: each uses data in memory and takes microseconds.</summary>
internal interface ICandidateSource
{
    /// <summary>Gets the name of the source in slates.</summary>
    string Name { get; }

    /// <summary>Gets the feature that only this source writes, −1 if none; it is cleared if the source is left out.</summary>
    int Feature { get; }

    /// <summary>Returns whether it has candidates for a request.</summary>
    bool IsWanted(SlateRun run);

    /// <summary>Adds candidates with <see cref="SlateRun.Add(ItemId, int)"/>.</summary>
    /// <param name="run">The request.</param>
    /// <param name="source">The source's bit.</param>
    /// <param name="limit">The share of the deadline by which it must be done; checked where a step may take long.</param>
    /// <returns>False if it stopped because that share was over; its candidates are removed then.</returns>
    bool TryCollect(SlateRun run, int source, double limit);
}

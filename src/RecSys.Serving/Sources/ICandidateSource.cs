using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>Names candidates. Sources run in the request's own thread, one after the other: each works in memory, in microseconds.</summary>
internal interface ICandidateSource
{
    /// <summary>Gets the name of the source in slates.</summary>
    string Name { get; }

    /// <summary>The feature that it alone writes, −1 if none: what is taken back where it is left out.</summary>
    int Feature { get; }

    /// <summary>Returns whether it has candidates for a request.</summary>
    bool IsWanted(SlateRun run);

    /// <summary>Names candidates by <see cref="SlateRun.Add"/>.</summary>
    /// <param name="run">The request.</param>
    /// <param name="source">The source's bit.</param>
    /// <param name="limit">The share of the deadline by which it must be done; checked where a step may take long.</param>
    /// <returns>False if it stopped because that was over: what it did is taken back.</returns>
    bool TryCollect(SlateRun run, int source, double limit);
}

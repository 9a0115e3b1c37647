using RecSys.Core.Jobs;

namespace RecSys.Core.Ports;

/// <summary>Keeps results of jobs until their callers fetch them, for a limited time and up to a limited number of bytes.</summary>
/// <remarks>
/// Safe for concurrent use. Results may hold persons, so an erasure deletes all of them, those being written and those being read too.
/// No result outlives the process.
/// </remarks>
public interface IJobResults : IErasable
{
    /// <summary>Writes a result; it can be opened when this is done.</summary>
    /// <param name="write">Writes the bytes.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The result, or null if a person was erased while it was written: it was deleted, and the job has to run again.</returns>
    /// <exception cref="IOException">It could not be written, or is larger than a limit allows; the partial result is deleted.</exception>
    ValueTask<JobResult?> WriteAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>Opens a result; the caller disposes of the stream.</summary>
    /// <param name="id">Id of the result.</param>
    /// <returns>The bytes, which end early if the result is deleted while it is read; null if there is no such result.</returns>
    /// <exception cref="StoreUnavailableException">It cannot be read now.</exception>
    Stream? Open(string id);
}

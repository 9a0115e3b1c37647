using RecSys.Core.Jobs;

namespace RecSys.Core.Ports;

/// <summary>Keeps results of jobs until their callers fetch them, for a limited time and up to a limited number of bytes.</summary>
/// <remarks>
/// Safe for concurrent use. Results may contain data of persons, so an erasure deletes all of them, including those being written or read.
/// Results are deleted when the process ends.
/// </remarks>
public interface IJobResults : IErasable
{
    /// <summary>Writes a result; it can be opened when the task completes.</summary>
    /// <param name="write">Writes the bytes.</param>
    /// <param name="cancellationToken">Cancels the write.</param>
    /// <returns>The result; null if a person was erased meanwhile and the result was deleted: the job has to run again.</returns>
    /// <exception cref="IOException">The result could not be written, or exceeds a limit; the partial result is deleted.</exception>
    ValueTask<JobResult?> WriteAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken);

    /// <summary>Opens a result; the caller disposes of the stream.</summary>
    /// <param name="id">Id of the result.</param>
    /// <returns>The bytes, which end early if the result is deleted while it is read; null if there is no such result.</returns>
    /// <exception cref="StoreUnavailableException">The result cannot be read now.</exception>
    Stream? Open(string id);
}

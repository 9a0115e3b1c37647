using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>A place that holds something of persons, and can be rid of one.</summary>
/// <remarks>Driven by <see cref="LogRecord.PersonErased"/>, again after a crash: erasing twice is harmless.</remarks>
public interface IErasable
{
    /// <summary>Gets the name of this place in receipts.</summary>
    string Place { get; }

    /// <summary>Removes every byte of a person's id and history up to a position; durable, also in the files, when the task completes.</summary>
    /// <returns>How many records or rows were removed.</returns>
    ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken);
}

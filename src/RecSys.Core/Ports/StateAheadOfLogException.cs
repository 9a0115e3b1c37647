using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>Thrown when a saved state was made from records that the log does not contain: the log is an older copy, or lost its newest records.</summary>
public sealed class StateAheadOfLogException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public StateAheadOfLogException()
        : base("a saved state has records that the log does not contain")
    {
    }

    /// <summary>Creates the exception with a message that names the state, its position and the end of the log.</summary>
    public StateAheadOfLogException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception with a message that names the state, its position and the end of the log, and a cause.</summary>
    public StateAheadOfLogException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }

    /// <summary>Throws if a state's position is past the log's end.</summary>
    /// <param name="what">The state, as the message names it.</param>
    /// <param name="position">Position of the state.</param>
    /// <param name="shape">The log's epoch and partitions.</param>
    /// <param name="ranges">Offsets that each partition of the log contains.</param>
    /// <exception cref="StateAheadOfLogException">The position is past the log's end.</exception>
    public static void ThrowIfBeyond(string what, LogPosition position, LogShape shape, IReadOnlyList<LogRange> ranges)
    {
        ArgumentNullException.ThrowIfNull(position);
        if (position.IsBeyond(shape, ranges))
        {
            throw new StateAheadOfLogException(
                $"{what} has the records before {EndOf(position)}, but the log ends at {string.Join('.', ranges.Select(range => range.End))}: "
                + "the log is an older copy or lost its newest records");
        }
    }

    private static string EndOf(LogPosition position) =>
        string.Join('.', Enumerable.Range(0, position.PartitionCount).Select(partition => position[partition] + 1));
}

using Akka.Event;

namespace RecSys.Actors.Logging;

/// <summary>What Akka logs before its loggers are there and after they are gone: warnings and errors, on standard error.</summary>
/// <remarks>Akka would write them, and lines of no interest, on standard output, which belongs to the results of commands.</remarks>
public sealed class StandardErrorLogger : MinimalLogger
{
    /// <inheritdoc/>
    protected override void Log(object message)
    {
        if (message is LogEvent logged && logged.LogLevel() >= LogLevel.WarningLevel)
        {
            Console.Error.WriteLine(logged);
        }
    }
}

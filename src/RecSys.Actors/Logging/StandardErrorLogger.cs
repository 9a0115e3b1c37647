using Akka.Event;

namespace RecSys.Actors.Logging;

/// <summary>Writes Akka's warnings and errors to standard error before its loggers start and after they stop.</summary>
/// <remarks>Akka's own logger writes to standard output, which is reserved for the results of commands.</remarks>
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

using Microsoft.Extensions.Logging;

namespace RecSys.Cli.Hosting;

/// <summary>A logger for parts that are opened before the program's logger exists: it drops lines until <see cref="Target"/> is set. Safe for concurrent use.</summary>
internal sealed class LateLogger<T> : ILogger<T>
{
    private volatile ILogger? _target;

    /// <summary>Gets or sets the program's logger; null before it exists.</summary>
    public ILogger? Target
    {
        get => _target;
        set => _target = value;
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => _target?.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => _target?.IsEnabled(logLevel) ?? false;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _target?.Log(logLevel, eventId, state, exception, formatter);
}

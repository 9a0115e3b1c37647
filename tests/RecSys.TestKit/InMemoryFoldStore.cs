using System.Buffers;
using System.Collections.Concurrent;
using RecSys.Core.Ports;

namespace RecSys.TestKit;

/// <summary>A store of folds in memory; its calls can be made to fail.</summary>
public sealed class InMemoryFoldStore : IFoldStore
{
    private readonly ConcurrentDictionary<string, byte[]> _states = new(StringComparer.Ordinal);

    /// <summary>Gets or sets the exception that every save throws; null: saves succeed.</summary>
    public Exception? Fault { get; set; }

    /// <summary>Gets or sets the exception that every load throws; null: loads succeed.</summary>
    public Exception? LoadFault { get; set; }

    public ReadOnlySequence<byte>? Load(string name) => LoadFault is { } fault ? throw fault : _states.TryGetValue(name, out byte[]? state) ? new([.. state]) : null;

    public void Save(string name, ReadOnlySequence<byte> state)
    {
        if (Fault is { } fault)
        {
            throw fault;
        }

        _states[name] = state.ToArray();
    }

    public string? KeepDamaged(string name) => _states.TryRemove(name, out _) ? name : null;
}

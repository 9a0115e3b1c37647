using System.Buffers;
using RecSys.Core.Log;

namespace RecSys.Core.Ports;

/// <summary>Stores the states of this node's folds, each with its position; a save is atomic.</summary>
/// <remarks>The states are local and few, so the calls are synchronous: callers use their own threads. Safe for concurrent use.</remarks>
public interface IFoldStore
{
    /// <summary>Loads the newest saved state, or null.</summary>
    /// <param name="name">The fold's name: lower-case ASCII letters and hyphens.</param>
    /// <exception cref="CorruptRecordException">The state is damaged, or of another installation; <see cref="KeepDamaged"/> renames it.</exception>
    /// <exception cref="StoreUnavailableException">The state cannot be read now.</exception>
    ReadOnlySequence<byte>? Load(string name);

    /// <summary>Replaces the saved state; durable when the call returns.</summary>
    /// <param name="name">The fold's name.</param>
    /// <param name="state">The bytes of the fold, with their version and checksum; any number.</param>
    /// <exception cref="StoreUnavailableException">The state is not saved durably: until a later save, either the old state or this one is loaded.</exception>
    void Save(string name, ReadOnlySequence<byte> state);

    /// <summary>Renames a damaged saved state, so that it is kept but not loaded again.</summary>
    /// <param name="name">The fold's name.</param>
    /// <returns>The new place; null if there was no state, or it is not kept.</returns>
    /// <exception cref="StoreUnavailableException">The state cannot be moved now.</exception>
    string? KeepDamaged(string name);
}

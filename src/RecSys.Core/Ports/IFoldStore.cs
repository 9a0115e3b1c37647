namespace RecSys.Core.Ports;

/// <summary>Keeps the states of this node's folds, each with its position: saved as a whole or not at all.</summary>
/// <remarks>Local and few, so it is not asynchronous: callers save on their own threads. Safe for concurrent use.</remarks>
public interface IFoldStore
{
    /// <summary>Loads the newest saved state, or null.</summary>
    /// <param name="name">The fold's name: lower-case ASCII letters and hyphens.</param>
    /// <exception cref="StoreUnavailableException">It cannot be read now.</exception>
    byte[]? Load(string name);

    /// <summary>Saves a state in the place of the one before; durable when done.</summary>
    /// <param name="name">The fold's name.</param>
    /// <param name="state">The fold's own versioned and checked bytes.</param>
    /// <exception cref="StoreUnavailableException">The state could not be saved: the old one is still there.</exception>
    void Save(string name, ReadOnlySpan<byte> state);

    /// <summary>Keeps a saved state that is damaged under another name, so that it is not loaded again.</summary>
    /// <param name="name">The fold's name.</param>
    /// <returns>Its new place; null if there was no state, or it is not kept.</returns>
    /// <exception cref="StoreUnavailableException">It cannot be moved now.</exception>
    string? KeepDamaged(string name);
}

namespace RecSys.Core.Ports;

/// <summary>Where this node keeps the states of its folds, each with its own position in it: saved whole or not at all.</summary>
/// <remarks>Local and small in number, so it is not asynchronous; whoever saves does so on a thread of its own. Safe for concurrent use.</remarks>
public interface IFoldStore
{
    /// <summary>Loads the newest saved state, or null.</summary>
    /// <param name="name">The fold's name: lower-case ASCII letters and hyphens.</param>
    /// <exception cref="StoreUnavailableException">It cannot be read now.</exception>
    byte[]? Load(string name);

    /// <summary>Saves a state in the place of the one before; durable when done.</summary>
    /// <param name="name">The fold's name.</param>
    /// <param name="state">The fold's own versioned and checked bytes.</param>
    /// <exception cref="StoreUnavailableException">It could not be saved: the old state is there still.</exception>
    void Save(string name, ReadOnlySpan<byte> state);

    /// <summary>Keeps a saved state that is damaged under another name, so that it is not loaded again.</summary>
    /// <param name="name">The fold's name.</param>
    /// <returns>Where it is kept; null if there was none, or it is not kept.</returns>
    /// <exception cref="StoreUnavailableException">It cannot be moved now.</exception>
    string? KeepDamaged(string name);
}

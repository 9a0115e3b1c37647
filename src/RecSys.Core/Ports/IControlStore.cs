using System.Text;

namespace RecSys.Core.Ports;

/// <summary>A row of the control store.</summary>
/// <param name="Key">A path such as <c>model/alias/champion</c>: 1 to <see cref="Limits.ControlKeyBytesMax"/> visible characters of ASCII.</param>
/// <param name="Version">Identifies this value of the row; 1 or more. No other value of the key ever has the same version, not even after the row was deleted and created again.</param>
/// <param name="Value">The bytes with their version and checksum, at most <see cref="Limits.ControlValueBytesMax"/>.</param>
public sealed record ControlRow(string Key, long Version, ReadOnlyMemory<byte> Value)
{
    /// <summary>Returns whether a text is a valid key.</summary>
    public static bool IsKey(string key) =>
        key is { Length: > 0 and <= Limits.ControlKeyBytesMax } && Ascii.IsValid(key) && !key.AsSpan().ContainsAnyExceptInRange('!', '~');

    /// <summary>Throws if a key, or the prefix of keys, is not valid.</summary>
    /// <exception cref="ArgumentException">The key is too long or contains other characters; the message names the limit.</exception>
    public static void RequireKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!IsKey(key))
        {
            throw new ArgumentException(
                $"a key has 1 to {nameof(Limits.ControlKeyBytesMax)} = {Limits.ControlKeyBytesMax} visible characters of ASCII", nameof(key));
        }
    }

    /// <summary>Throws if a key, a version or a value is not valid.</summary>
    /// <exception cref="ArgumentException">One of them is not valid; the message names the limit.</exception>
    public static void Require(string key, long version, ReadOnlyMemory<byte> value)
    {
        RequireKey(key);
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        if (value.Length > Limits.ControlValueBytesMax)
        {
            throw new ArgumentException(
                $"the value of {key} has {value.Length} bytes; at most {nameof(Limits.ControlValueBytesMax)} = {Limits.ControlValueBytesMax} are allowed", nameof(value));
        }
    }
}

/// <summary>Small rows that all nodes of an installation share: aliases of models, jobs, progress of erasures. Each is changed by compare-and-set on its version.</summary>
/// <remarks>
/// Rows contain no data of persons. A caller must keep the number of rows with one prefix small, because <see cref="ListAsync"/> returns all of them. An adapter is safe for concurrent use and passes
/// <c>ControlStoreContract</c> in RecSys.TestKit.
/// </remarks>
public interface IControlStore
{
    /// <summary>Raised with the key after a row was set or deleted, by this process or another. Handlers must not block.</summary>
    /// <remarks>An announcement can be late, repeated or lost: a reader that needs each change also reads the rows every few seconds.</remarks>
    event Action<string>? Changed;

    /// <summary>Reads a row, or null; includes each change that completed before the call.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    ValueTask<ControlRow?> GetAsync(string key, CancellationToken cancellationToken);

    /// <summary>Reads all rows whose key begins with a prefix, in ordinal order of the keys; includes each change that completed before the call.</summary>
    /// <exception cref="StoreUnavailableException">The store cannot be reached.</exception>
    ValueTask<IReadOnlyList<ControlRow>> ListAsync(string prefix, CancellationToken cancellationToken);

    /// <summary>Creates a row, or replaces its value if the row still has a version; durable when the task completes.</summary>
    /// <param name="key">Key of the row.</param>
    /// <param name="version">Version that is replaced; 0 to create a row that does not exist.</param>
    /// <param name="value">The new value.</param>
    /// <param name="cancellationToken">Cancels the waiting, not a change that has begun.</param>
    /// <returns>The new version. Null, and no change, if the row has another version or does not exist, or if it exists and <paramref name="version"/> is 0.</returns>
    /// <exception cref="StoreUnavailableException">The outcome is unknown; a read shows it.</exception>
    ValueTask<long?> TrySetAsync(string key, long version, ReadOnlyMemory<byte> value, CancellationToken cancellationToken);

    /// <summary>Deletes a row if it still has a version; durable when the task completes.</summary>
    /// <returns>Whether the row was deleted; false if it has another version or does not exist.</returns>
    /// <exception cref="StoreUnavailableException">The outcome is unknown; a read shows it.</exception>
    ValueTask<bool> TryDeleteAsync(string key, long version, CancellationToken cancellationToken);
}

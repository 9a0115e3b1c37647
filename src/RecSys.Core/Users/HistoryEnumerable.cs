using System.Collections;

namespace RecSys.Core.Users;

/// <summary>A profile's interactions, newest first. Enumerating allocates nothing in a <c>foreach</c>.</summary>
public readonly struct HistoryEnumerable : IEnumerable<ProfileInteraction>
{
    private readonly PackedHistory _history;

    internal HistoryEnumerable(PackedHistory history) => _history = history;

    /// <summary>Begins before the newest.</summary>
    public Enumerator GetEnumerator() => new(_history);

    IEnumerator<ProfileInteraction> IEnumerable<ProfileInteraction>.GetEnumerator() => GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Goes from the newest to the oldest.</summary>
    public struct Enumerator : IEnumerator<ProfileInteraction>
    {
        private readonly PackedHistory _history;
        private int _end;

        internal Enumerator(PackedHistory history)
        {
            _history = history;
            _end = history.End;
        }

        /// <inheritdoc/>
        public ProfileInteraction Current { get; private set; }

        readonly object IEnumerator.Current => Current;

        /// <inheritdoc/>
        public bool MoveNext()
        {
            if (_end == _history.Start)
            {
                return false;
            }

            PackedEntry entry = _history.EntryBefore(_end);
            Current = new ProfileInteraction(_history.Array, entry);
            _end = entry.Start;
            return true;
        }

        /// <inheritdoc/>
        public void Reset() => _end = _history.End;

        /// <inheritdoc/>
        public readonly void Dispose()
        {
        }
    }
}

using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;

namespace RecSys.Serving;

/// <summary>Caches users' newest slates for requests that the pipeline cannot answer, at most <see cref="ServingOptions.CachedSlates"/> of them, each for <see cref="ServingOptions.CachedSlateLifetime"/>.</summary>
/// <remarks>The least recently used slate is evicted first; an erasure removes the person's slates immediately. Safe for concurrent use.</remarks>
internal sealed class SlateCache(TimeProvider time, ServingOptions options) : IErasable
{
    private readonly Dictionary<(Owner Owner, ulong RequestKey), LinkedListNode<CachedSlate>> _slates = [];
    private readonly LinkedList<CachedSlate> _byUse = [];
    private readonly Lock _lock = new();
    private long _erasures;

    private sealed record CachedSlate((Owner Owner, ulong RequestKey) Key, Slate Slate, long MadeAt);

    public string Place => "cached slates";

    /// <summary>Gets the number of erasures so far. A caller reads it before it starts a slate and passes it to <see cref="Put"/>, so that a slate started before an erasure is not cached after it.</summary>
    public long ErasureCount => Interlocked.Read(ref _erasures);

    /// <summary>Gets the number of cached slates.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _slates.Count;
            }
        }
    }

    /// <summary>Caches a user's slate under the key of its request, unless a person was erased after <paramref name="erasuresBefore"/> was read.</summary>
    /// <param name="owner">Owner of the user whose slate it is.</param>
    /// <param name="requestKey">The key of the request.</param>
    /// <param name="slate">Slate to cache.</param>
    /// <param name="erasuresBefore"><see cref="ErasureCount"/> before the slate was started.</param>
    public void Put(Owner owner, ulong requestKey, Slate slate, long erasuresBefore)
    {
        if (options.CachedSlates == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (erasuresBefore != _erasures)
            {
                return;
            }

            if (_slates.Remove((owner, requestKey), out LinkedListNode<CachedSlate>? before))
            {
                _byUse.Remove(before);
            }
            else if (_slates.Count >= options.CachedSlates)
            {
                _slates.Remove(_byUse.First!.Value.Key);
                _byUse.RemoveFirst();
            }

            _slates[(owner, requestKey)] = _byUse.AddLast(new CachedSlate((owner, requestKey), slate, time.GetTimestamp()));
        }
    }

    /// <summary>Returns a user's cached slate for a request key, and its age; null if none is cached.</summary>
    public Slate? TryGet(Owner owner, ulong requestKey, out TimeSpan age)
    {
        age = default;
        lock (_lock)
        {
            if (!_slates.TryGetValue((owner, requestKey), out LinkedListNode<CachedSlate>? node))
            {
                return null;
            }

            _byUse.Remove(node);
            age = time.GetElapsedTime(node.Value.MadeAt);
            if (age > options.CachedSlateLifetime)
            {
                _slates.Remove(node.Value.Key);
                return null;
            }

            _byUse.AddLast(node);
            return node.Value.Slate;
        }
    }

    public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        long removed = 0;
        lock (_lock)
        {
            Interlocked.Increment(ref _erasures);
            for (LinkedListNode<CachedSlate>? node = _byUse.First; node is not null;)
            {
                LinkedListNode<CachedSlate>? next = node.Next;
                if (node.Value.Key.Owner == owner)
                {
                    _slates.Remove(node.Value.Key);
                    _byUse.Remove(node);
                    removed++;
                }

                node = next;
            }
        }

        return new(removed);
    }
}

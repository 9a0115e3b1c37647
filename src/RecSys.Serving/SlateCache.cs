using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;

namespace RecSys.Serving;

/// <summary>Caches users' newest slates for requests that the pipeline cannot answer: bounded, short-lived, and cleared of an erased person at once.</summary>
/// <remarks>The least recently used slates are evicted first. Safe for concurrent use.</remarks>
internal sealed class SlateCache(TimeProvider time, ServingOptions options) : IErasable
{
    private readonly Dictionary<(Owner Owner, ulong RequestKey), LinkedListNode<Kept>> _slates = [];
    private readonly LinkedList<Kept> _byUse = [];
    private readonly Lock _lock = new();
    private long _erasures;

    private sealed record Kept((Owner Owner, ulong RequestKey) Key, Slate Slate, long MadeAt);

    public string Place => "cached slates";

    /// <summary>Gets the number of erasures so far. Callers read it before they start a slate and pass it with the slate, so that a slate started before an erasure is not cached after it.</summary>
    public long Ticket => Interlocked.Read(ref _erasures);

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

    /// <summary>Caches a user's slate under the key of its request, unless a person was erased since the ticket was read.</summary>
    public void Put(Owner owner, ulong requestKey, Slate slate, long ticket)
    {
        if (options.CachedSlates == 0)
        {
            return;
        }

        lock (_lock)
        {
            if (ticket != _erasures)
            {
                return;
            }

            if (_slates.Remove((owner, requestKey), out LinkedListNode<Kept>? before))
            {
                _byUse.Remove(before);
            }
            else if (_slates.Count >= options.CachedSlates)
            {
                _slates.Remove(_byUse.First!.Value.Key);
                _byUse.RemoveFirst();
            }

            _slates[(owner, requestKey)] = _byUse.AddLast(new Kept((owner, requestKey), slate, time.GetTimestamp()));
        }
    }

    /// <summary>Returns a user's cached slate for the same request key, and its age; null if there is none.</summary>
    public Slate? TryGet(Owner owner, ulong requestKey, out TimeSpan age)
    {
        age = default;
        lock (_lock)
        {
            if (!_slates.TryGetValue((owner, requestKey), out LinkedListNode<Kept>? node))
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
            for (LinkedListNode<Kept>? node = _byUse.First; node is not null;)
            {
                LinkedListNode<Kept>? next = node.Next;
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

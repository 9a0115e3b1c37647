using Akka.Actor;
using Akka.Dispatch;
using Akka.Dispatch.MessageQueues;

namespace RecSys.Actors.Mailboxes;

/// <summary>An unbounded queue for many writers and one reader, as a linked list; an empty queue is one small node.</summary>
/// <remarks>
/// D. Vyukov's non-intrusive MPSC queue: a writer swaps its node in as the newest and then links the previous one to
/// it; in between, the reader sees the list end before the new node. Only that writer writes the link, so the reader, once
/// it has followed it, may clear it. Like every mailbox, it is bounded by the permits at the ingress.
/// </remarks>
public sealed class LinkedMessages : IMessageQueue, IUnboundedMessageQueueSemantics
{
    private Node _newest;
    private Node _read;

    /// <summary>Creates an empty queue.</summary>
    public LinkedMessages() => _newest = _read = new Node(default);

    /// <inheritdoc/>
    public bool HasMessages => !ReferenceEquals(_read, Volatile.Read(ref _newest));

    /// <inheritdoc/>
    /// <remarks>Walks the list; only metrics and tests call it. While messages are read, the count may be too low.</remarks>
    public int Count
    {
        get
        {
            int count = 0;
            for (Node? node = Volatile.Read(ref _read.Next); node is not null; node = Volatile.Read(ref node.Next))
            {
                count++;
            }

            return count;
        }
    }

    /// <inheritdoc/>
    public void Enqueue(IActorRef receiver, Envelope envelope)
    {
        Node node = new(envelope);
        Node before = Interlocked.Exchange(ref _newest, node);
        Volatile.Write(ref before.Next, node);
    }

    /// <inheritdoc/>
    public bool TryDequeue(out Envelope envelope)
    {
        Node? node = Volatile.Read(ref _read.Next);
        if (node is null)
        {
            envelope = default;
            return false;
        }

        envelope = node.Envelope;
        node.Envelope = default; // the node remains in the empty list, and must not keep the message reachable
        _read.Next = null; // a node that was promoted to an older generation must not keep all later ones reachable until that is collected
        _read = node;
        return true;
    }

    /// <inheritdoc/>
    public void CleanUp(IActorRef owner, IMessageQueue deadletters)
    {
        ArgumentNullException.ThrowIfNull(deadletters);
        while (TryDequeue(out Envelope envelope))
        {
            deadletters.Enqueue(owner, envelope);
        }
    }

    private sealed class Node(Envelope envelope)
    {
        public Envelope Envelope = envelope;
        public Node? Next;
    }
}

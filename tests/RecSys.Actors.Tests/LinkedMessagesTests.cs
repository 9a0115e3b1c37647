using System.Reflection;
using Akka.Actor;
using RecSys.Actors.Mailboxes;
using Xunit;

namespace RecSys.Actors.Tests;

public sealed class LinkedMessagesTests
{
    [Fact]
    public void Messages_are_read_in_the_order_in_which_they_were_sent()
    {
        LinkedMessages queue = new();
        for (int i = 0; i < 5; i++)
        {
            queue.Enqueue(ActorRefs.Nobody, new Envelope(i, ActorRefs.NoSender));
        }

        Assert.Equal(5, queue.Count);
        for (int i = 0; i < 5; i++)
        {
            Assert.True(queue.HasMessages);
            Assert.True(queue.TryDequeue(out Envelope envelope));
            Assert.Equal(i, envelope.Message);
        }

        Assert.False(queue.HasMessages);
        Assert.False(queue.TryDequeue(out _));
    }

    [Fact]
    public async Task Concurrent_writers_lose_no_message_and_keep_their_order()
    {
        const int Writers = 4;
        const int Each = 20_000;
        LinkedMessages queue = new();
        Task[] writing = [.. Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (int i = 0; i < Each; i++)
            {
                queue.Enqueue(ActorRefs.Nobody, new Envelope((writer, i), ActorRefs.NoSender));
            }
        }))];

        int[] next = new int[Writers];
        int read = 0;
        while (read < Writers * Each)
        {
            if (queue.TryDequeue(out Envelope envelope))
            {
                (int writer, int i) = ((int, int))envelope.Message;
                Assert.Equal(next[writer]++, i);
                read++;
            }
            else
            {
                await Task.Yield();
            }
        }

        await Task.WhenAll(writing);
        Assert.False(queue.HasMessages);
    }

    [Fact]
    public void Unread_messages_go_to_the_dead_letters()
    {
        LinkedMessages queue = new();
        LinkedMessages dead = new();
        queue.Enqueue(ActorRefs.Nobody, new Envelope("late", ActorRefs.NoSender));

        queue.CleanUp(ActorRefs.Nobody, dead);

        Assert.False(queue.HasMessages);
        Assert.Equal(1, dead.Count);
    }

    [Fact]
    public void A_read_message_can_be_garbage_collected()
    {
        LinkedMessages queue = new();
        WeakReference message = TellAndRead(queue);

        GC.Collect();

        Assert.False(message.IsAlive);
        Assert.False(queue.HasMessages);

        static WeakReference TellAndRead(LinkedMessages queue)
        {
            object message = new();
            queue.Enqueue(ActorRefs.Nobody, new Envelope(message, ActorRefs.NoSender));
            Assert.True(queue.TryDequeue(out _));
            return new WeakReference(message);
        }
    }

    /// <remarks>A node in an older generation is not collected with the young ones: whatever it refers to survives, and so does all that follows in the list.</remarks>
    [Fact]
    public void A_read_node_does_not_keep_later_nodes_from_garbage_collection()
    {
        LinkedMessages queue = new();
        object promoted = ReadNode(queue);
        WeakReference later = TellAndRead(queue);
        TellAndRead(queue);

        GC.Collect();

        Assert.False(later.IsAlive);
        GC.KeepAlive(promoted);

        static WeakReference TellAndRead(LinkedMessages queue)
        {
            queue.Enqueue(ActorRefs.Nobody, new Envelope(new object(), ActorRefs.NoSender));
            Assert.True(queue.TryDequeue(out _));
            return new WeakReference(ReadNode(queue));
        }

        static object ReadNode(LinkedMessages queue) =>
            typeof(LinkedMessages).GetField("_read", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(queue)!;
    }
}

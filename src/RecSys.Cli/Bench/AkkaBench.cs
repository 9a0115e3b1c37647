using Akka.Actor;
using Akka.Configuration;

namespace RecSys.Cli.Bench;

/// <summary>Measures how many messages per second Akka alone delivers, within one actor system and between two over loopback, for comparison with the figures of the cluster.</summary>
internal static class AkkaBench
{
    private const int LocalMessages = 2_000_000;
    private const int RemoteMessages = 300_000;
    private const int MessageBytes = 100;
    private const string Receiver = "receiver";

    private static readonly TimeSpan AnswerMax = TimeSpan.FromMinutes(1);

    /// <summary>Runs both measurements, each after a warm-up.</summary>
    public static async Task RunAsync(Figures figures, TimeProvider time, CancellationToken cancellationToken)
    {
        Config config = ConfigurationFactory.ParseString(
            """
            akka.loglevel = ERROR
            akka.stdout-loglevel = ERROR
            akka.actor.provider = remote
            akka.remote.dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            """);
        using ActorSystem one = ActorSystem.Create("bench-one", config);
        using ActorSystem two = ActorSystem.Create("bench-two", config);
        two.ActorOf(Props.Create(() => new Counter()), Receiver);
        IActorRef local = one.ActorOf(Props.Create(() => new Counter()), Receiver);
        Address address = ((ExtendedActorSystem)two).Provider.DefaultAddress;
        IActorRef remote = await one.ActorSelection(new RootActorPath(address) / "user" / Receiver).ResolveOne(AnswerMax, cancellationToken);
        foreach ((string name, IActorRef receiver, int messages, string note) in new[]
        {
            ("akka.local", local, LocalMessages, "sent by one thread to one actor"),
            ("akka.remote", remote, RemoteMessages, $"of {MessageBytes} bytes, sent over loopback to one actor of another actor system in the same process"),
        })
        {
            await SendAsync(receiver, messages / 10, time, cancellationToken);
            figures.Add($"cluster.{name}", messages / (await SendAsync(receiver, messages, time, cancellationToken)).TotalSeconds, "messages/s", note);
        }

        await Task.WhenAll(one.Terminate(), two.Terminate());
    }

    private static async Task<TimeSpan> SendAsync(IActorRef receiver, int messages, TimeProvider time, CancellationToken cancellationToken)
    {
        byte[] message = new byte[MessageBytes];
        long start = time.GetTimestamp();
        for (int sent = 0; sent < messages; sent++)
        {
            receiver.Tell(message, ActorRefs.NoSender);
        }

        int received = await receiver.Ask<int>("count", AnswerMax, cancellationToken);
        TimeSpan elapsed = time.GetElapsedTime(start);
        return received == messages ? elapsed : throw new CommandException($"{received} of {messages} messages arrived");
    }

    private sealed class Counter : ReceiveActor
    {
        private int _count;

        public Counter()
        {
            Receive<byte[]>(_ => _count++);
            Receive<string>(_ =>
            {
                Sender.Tell(_count);
                _count = 0;
            });
        }
    }
}

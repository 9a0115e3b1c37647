using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace RecSys.Actors.Mailboxes;

/// <summary>A mailbox for actors of which there are hundreds of thousands, most of them idle (hocon/dispatchers.conf).</summary>
public sealed class LinkedMailbox(Settings settings, Config config)
    : MailboxType(settings, config), IProducesMessageQueue<LinkedMessages>
{
    /// <summary>The path in HOCON that names this mailbox.</summary>
    public const string Path = "recsys.mailboxes.lean";

    /// <inheritdoc/>
    public override Akka.Dispatch.MessageQueues.IMessageQueue Create(IActorRef owner, ActorSystem system) => new LinkedMessages();
}

using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;

namespace RecSys.Actors.Mailboxes;

/// <summary>A mailbox for hundreds of thousands of actors, most of them idle (hocon/dispatchers.conf).</summary>
public sealed class LinkedMailbox(Settings settings, Config config)
    : MailboxType(settings, config), IProducesMessageQueue<LinkedMessages>
{
    /// <summary>Path of this mailbox in HOCON.</summary>
    public const string Path = "recsys.mailboxes.lean";

    /// <inheritdoc/>
    public override Akka.Dispatch.MessageQueues.IMessageQueue Create(IActorRef owner, ActorSystem system) => new LinkedMessages();
}

using Akka.Actor;
using Akka.Event;

namespace RecSys.Speed.Metrics;

/// <summary>Counts messages without a recipient, and messages that no recipient handled.</summary>
internal sealed class UndeliveredMessageCounter(SpeedCounters counters) : UntypedActor
{
    protected override void PreStart()
    {
        Context.System.EventStream.Subscribe<DeadLetter>(Self);
        Context.System.EventStream.Subscribe<UnhandledMessage>(Self);
    }

    protected override void PostStop() => Context.System.EventStream.Unsubscribe(Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case DeadLetter:
                counters.CountDeadLetter();
                break;
            case UnhandledMessage:
                counters.CountUnhandled();
                break;
            default:
                Unhandled(message);
                break;
        }
    }
}

using System.Diagnostics;

namespace RecSys.Core.Ingestion;

/// <summary>The Takes that were sent and are neither answered nor timed out, by ticket. Tickets ascend with the time of sending.</summary>
internal sealed class SentTakes
{
    // invariant: 0 <= Oldest <= NextTicket <= Oldest + _slots.Length, and _slots.Length is a power of two
    private Slot[] _slots = new Slot[256];

    /// <summary>Gets the oldest ticket that is kept: all Takes before it are answered or timed out.</summary>
    public long Oldest { get; private set; }

    /// <summary>Gets the ticket of the next Take.</summary>
    public long NextTicket { get; private set; }

    /// <summary>Gets the time at which the oldest awaited Take was sent; <see cref="long.MaxValue"/> if none is awaited.</summary>
    public long OldestAwaitedMs
    {
        get
        {
            long ticket = Oldest;
            while (ticket < NextTicket && At(ticket).Records < 0)
            {
                ticket++;
            }

            return ticket < NextTicket ? At(ticket).SentMs : long.MaxValue;
        }
    }

    public long Add(int entry, int records, long nowMs)
    {
        if (NextTicket - Oldest == _slots.Length)
        {
            Slot[] larger = new Slot[_slots.Length * 2];
            for (long ticket = Oldest; ticket < NextTicket; ticket++)
            {
                larger[ticket & (larger.Length - 1)] = At(ticket);
            }

            _slots = larger;
        }

        Debug.Assert(Oldest <= NextTicket && NextTicket < Oldest + _slots.Length, "no slot is free");
        At(NextTicket) = new Slot { Entry = entry, Records = records, SentMs = nowMs };
        return NextTicket++;
    }

    public bool IsAwaited(long ticket) => ticket >= Oldest && ticket < NextTicket && At(ticket).Records >= 0;

    /// <summary>Returns whether a Take is a probe that was sent after a time and is awaited.</summary>
    public bool IsProbed(long ticket, long sinceMs) => IsAwaited(ticket) && At(ticket).Records == 0 && At(ticket).SentMs > sinceMs;

    /// <summary>Removes a Take that was answered, and returns its entry and number of records.</summary>
    /// <returns>False if no such Take is awaited.</returns>
    public bool TryAnswer(long ticket, out int entry, out int records, out long sentMs)
    {
        if (!IsAwaited(ticket))
        {
            entry = -1;
            records = 0;
            sentMs = 0;
            return false;
        }

        ref Slot slot = ref At(ticket);
        entry = slot.Entry;
        records = slot.Records;
        sentMs = slot.SentMs;
        slot.Records = -1;
        return true;
    }

    /// <summary>Removes the oldest Take without an answer if it was sent at or before a time.</summary>
    public bool TryExpire(long latestMs, out long ticket, out int entry, out int records, out long sentMs)
    {
        while (Oldest < NextTicket)
        {
            Slot slot = At(Oldest);
            if (slot.Records >= 0 && slot.SentMs > latestMs)
            {
                break;
            }

            ticket = Oldest++;
            if (slot.Records >= 0)
            {
                entry = slot.Entry;
                records = slot.Records;
                sentMs = slot.SentMs;
                return true;
            }
        }

        ticket = entry = -1;
        records = 0;
        sentMs = 0;
        return false;
    }

    private ref Slot At(long ticket) => ref _slots[ticket & (_slots.Length - 1)];

    private struct Slot
    {
        public int Entry;

        /// <summary>Number of records; −1 once answered.</summary>
        public int Records;

        public long SentMs;
    }
}

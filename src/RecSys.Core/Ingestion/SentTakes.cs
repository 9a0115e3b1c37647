namespace RecSys.Core.Ingestion;

/// <summary>The Takes that are sent and not yet answered or given up, by ticket; tickets count up, so that they are in the order of their times.</summary>
internal sealed class SentTakes
{
    private Slot[] _slots = new Slot[256];

    /// <summary>The oldest ticket that is still here.</summary>
    public long Oldest { get; private set; }

    /// <summary>The ticket that comes next.</summary>
    public long NextTicket { get; private set; }

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

        At(NextTicket) = new Slot { Entry = entry, Records = records, SentMs = nowMs };
        return NextTicket++;
    }

    public bool IsAwaited(long ticket) => ticket >= Oldest && ticket < NextTicket && At(ticket).Records >= 0;

    /// <summary>Takes an answered Take away.</summary>
    /// <returns>Its entry and how many records it held; false if it is not here any more, or never was.</returns>
    public bool TryAnswer(long ticket, out int entry, out int records)
    {
        if (!IsAwaited(ticket))
        {
            entry = -1;
            records = 0;
            return false;
        }

        ref Slot slot = ref At(ticket);
        entry = slot.Entry;
        records = slot.Records;
        slot.Records = -1;
        return true;
    }

    /// <summary>Takes the oldest unanswered Take away if it was sent at or before a time.</summary>
    public bool TryExpire(long sentMs, out long ticket, out int entry, out int records)
    {
        while (Oldest < NextTicket)
        {
            Slot slot = At(Oldest);
            if (slot.Records >= 0 && slot.SentMs > sentMs)
            {
                break;
            }

            ticket = Oldest++;
            if (slot.Records >= 0)
            {
                entry = slot.Entry;
                records = slot.Records;
                return true;
            }
        }

        ticket = entry = -1;
        records = 0;
        return false;
    }

    private ref Slot At(long ticket) => ref _slots[ticket & (_slots.Length - 1)];

    private struct Slot
    {
        public int Entry;

        /// <summary>−1: answered.</summary>
        public int Records;

        public long SentMs;
    }
}

using Akka.Actor;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;

namespace RecSys.Speed.Users;

/// <summary>The reads that wait for records to be in a user's profile.</summary>
internal sealed class WaitingReads
{
    /// <summary>The largest number of reads that may wait for one user.</summary>
    private const int WaitingMax = 64;

    /// <summary>Ticks of <see cref="LiveUsers.Now"/> after which a read may be dropped, without a reply, to make room for another: its asker has stopped waiting by then.</summary>
    private const int PatienceTicks = 60;

    private readonly List<Waiter> _waiters = [];

    /// <summary>Returns whether a profile contains all records that a read requires.</summary>
    public static bool HasAll(UserQueries.GetProfile get, UserMachine machine)
    {
        foreach (RecordPosition wanted in get.Wanted)
        {
            if (machine.Profile.OffsetOf(wanted.Epoch, wanted.Partition) < wanted.Offset)
            {
                return false;
            }
        }

        return true;
    }

    public void Add(IUserMessage query, IActorRef asker, int now)
    {
        if (_waiters.Count == WaitingMax)
        {
            _waiters.RemoveAll(waiter => now - waiter.Since > PatienceTicks);
        }

        if (_waiters.Count == WaitingMax)
        {
            asker.Tell(new UserReplies.Unavailable($"{WaitingMax} reads wait for this user, and no more are allowed"));
            return;
        }

        _waiters.Add(new Waiter(query, asker, now));
    }

    /// <summary>Forwards the reads to the next incarnation.</summary>
    public void Forward(IActorRef shard)
    {
        foreach (Waiter waiter in _waiters)
        {
            shard.Tell(waiter.Query, waiter.Asker);
        }

        _waiters.Clear();
    }

    public void AnswerProfiles(UserMachine machine)
    {
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            if (_waiters[i].Query is UserQueries.GetProfile get && HasAll(get, machine))
            {
                _waiters[i].Asker.Tell(new UserReplies.Profile(machine.Profile));
                _waiters.RemoveAt(i);
            }
        }
    }

    /// <summary>Answers the <see cref="UserQueries.AwaitErased"/> and <see cref="UserQueries.AwaitSaved"/> queries whose erasure, or record that undoes a merge, is in the saved profile.</summary>
    /// <returns>Whether a query waits for something that the profile contains while the profile is not saved: the caller must save now.</returns>
    public bool AnswerErased(UserMachine machine)
    {
        bool isToSave = false;
        for (int i = _waiters.Count - 1; i >= 0; i--)
        {
            bool isHeld = _waiters[i].Query switch
            {
                UserQueries.AwaitErased erased => machine.Profile.ErasedUpTo?.Covers(erased.UpTo) == true,
                UserQueries.AwaitSaved saved => machine.Profile.OffsetOf(saved.Record.Epoch, saved.Record.Partition) >= saved.Record.Offset,
                _ => false,
            };
            if (isHeld)
            {
                if (machine.IsUnsaved)
                {
                    isToSave = true;
                    continue;
                }

                _waiters[i].Asker.Tell(UserReplies.Erased.Instance);
                _waiters.RemoveAt(i);
            }
        }

        return isToSave;
    }

    private readonly record struct Waiter(IUserMessage Query, IActorRef Asker, int Since);
}

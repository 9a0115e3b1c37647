using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Persistence;
using RecSys.Actors.Mailboxes;
using RecSys.Actors.Persistence;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Users;
using RecSys.Speed.Ingest;

namespace RecSys.Speed.Users;

/// <summary>Keeps one user's profile in memory and saves it. <see cref="UserMachine"/> makes the decisions; this actor carries them out.</summary>
/// <remarks>
/// It uses the snapshot store through Akka.Persistence's messages instead of deriving from a persistent actor: there is no
/// journal to recover from, and a persistent actor's stash, permits and mailbox take 2.7 kB each, for 200,000 actors. It
/// never fails its shard: a failed load or save is reported to the caller, and records that were unsaved when the actor
/// stopped are read from the log again.
/// </remarks>
internal sealed class UserActor : ActorBase
{
    /// <summary>The largest number of messages that wait for the state to be loaded or checked; further reads are refused, and further records dropped, because the protocol sends them again.</summary>
    private const int EarlyMax = 1_024;

    /// <summary>Ticks of <see cref="LiveUsers.Now"/>, three minutes, after which a read checks that no other incarnation saved more.</summary>
    private const int VerifiedTicks = 180;

    private readonly UserServices _services;
    private readonly LiveUser _live;
    private UserMachine? _machine;
    private List<(object Message, IActorRef Sender)>? _early;
    private WaitingReads? _waiting;
    private IActorRef _ingest = ActorRefs.Nobody;
    private int _ingestPartition = -1;
    private int _verifiedAt;
    private bool _isAtPacer;
    private bool _hasPermit;
    private bool _isStopRequested;
    private bool _isLeaving;

    private UserActor(UserServices services)
    {
        _services = services;
        _live = new LiveUser(Self, Owner.TryParse(OwnerText, out Owner owner) ? owner.Shard : 0);
    }

    private string OwnerText => Self.Path.Name;

    /// <summary>Props of user actors: one for all of them, because it contains no user id.</summary>
    public static Props PropsFor(UserServices services) =>
        Props.CreateBy(new Producer(services)).WithMailbox(LinkedMailbox.Path);

    protected override void PreStart()
    {
        _services.Live.Add(_live);
        AskForState();
    }

    protected override void PostStop()
    {
        _services.Live.Remove(_live);
        if (_isAtPacer || _hasPermit)
        {
            _services.Pacer.Tell(new PacerMessages.Stopped(Self), Self);
        }
    }

    protected override bool Receive(object message) =>
        _machine is null ? Load(message) : Handle(message, Sender, _machine);

    private bool Handle(object message, IActorRef sender, UserMachine machine, bool isOlderThanLoad = false)
    {
        if (_isLeaving)
        {
            return Forward(message, sender);
        }

        switch (message)
        {
            case Take or UserQueries.GetProfile or UserCommands.Check when _early is not null:
                AddEarly(message, sender);
                return true;
            case Take take:
                On(take, sender, machine, isOlderThanLoad);
                return true;
            case LoadSnapshotResult stored:
                _verifiedAt = _services.Live.Now;
                Do(machine.OnChecked(stored.Snapshot?.Metadata.SequenceNr ?? 0), machine);
                Replay(machine);
                return true;
            case LoadSnapshotFailed failed:
                NotChecked(failed.Cause, machine);
                return true;
            case UserQueries.GetProfile get:
                On(get, sender, machine, isOlderThanLoad);
                return true;
            case UserQueries.AwaitErased or UserQueries.AwaitSaved:
                (_waiting ??= new()).Add((IUserMessage)message, sender, _services.Live.Now);
                AnswerErased(machine);
                return true;
            case UserCommands.Save:
                (_isAtPacer, _hasPermit) = (false, true);
                Do(machine.SaveNow(), machine);
                if (!machine.IsAwaitingOutcome)
                {
                    GiveBackPermit(); // there was no unsaved record
                }

                return true;
            case SaveSnapshotSuccess saved:
                On(saved, machine);
                return true;
            case SaveSnapshotFailure { Cause: SnapshotConflictException } conflict:
                _services.Counters.CountConflict();
                if (machine.OnConflict(conflict.Metadata.SequenceNr) is var effects && effects != UserEffects.None)
                {
                    Do(effects, machine);
                    AskForRecords();
                }

                return true;
            case SaveSnapshotFailure failure:
                _services.Counters.CountSaveFailure();
                _services.LogNotSaved(failure.Cause, OwnerText, failure.Metadata.SequenceNr);
                GiveBackPermit();
                Do(machine.OnSaveFailed(failure.Metadata.SequenceNr), machine);
                return true;
            case UserCommands.Check:
                Check(UserCommands.CheckBegan.Instance, Self);
                return true;
            case UserCommands.CheckBegan:
                return true;
            case UserCommands.Retire:
                Context.Parent.Tell(new Passivate(EntityStop.Instance), Self);
                return true;
            case EntityStop:
                _isStopRequested = true;
                Do(machine.Stop(), machine);
                return true;
            case UserCommands.Discard:
                Context.Stop(Self);
                return true;
            default:
                return false;
        }
    }

    /// <summary>Stops, and forwards unanswered messages to the next incarnation, which loads the state that is saved then. The shard buffers messages in between.</summary>
    private void Leave()
    {
        _isLeaving = true;
        if (!_isStopRequested)
        {
            Context.Parent.Tell(new Passivate(UserCommands.Discard.Instance), Self);
        }

        _waiting?.Forward(Context.Parent);
        foreach ((object message, IActorRef sender) in _early ?? [])
        {
            Forward(message, sender);
        }

        _early = null;
        if (_isStopRequested)
        {
            Context.Stop(Self);
        }
    }

    private bool Forward(object message, IActorRef sender)
    {
        switch (message)
        {
            case Take or IUserMessage:
                Context.Parent.Tell(message, sender);
                return true;
            case EntityStop or UserCommands.Discard:
                Context.Stop(Self);
                return true;
            default:
                return true; // there is no unsaved record
        }
    }

    private bool Load(object message)
    {
        if (_isLeaving)
        {
            return Forward(message, Sender);
        }

        switch (message)
        {
            case LoadSnapshotResult loaded:
                Begin(loaded.Snapshot);
                return true;
            case LoadSnapshotFailed failed:
                NotLoaded(failed.Cause);
                return true;
            case UserCommands.Healed healed:
                _machine = UserMachine.Healed(healed.Profile, healed.Revision, out UserEffects effects);
                Do(effects, _machine);
                BeginWith(_machine);
                return true;
            case UserCommands.NotHealed failed:
                NotLoaded(failed.Cause);
                return true;
            case UserCommands.Discard:
                Context.Stop(Self);
                return true;
            default:
                AddEarly(message, Sender);
                return true;
        }
    }

    private void AskForState() =>
        _services.Snapshots.Tell(new LoadSnapshot(OwnerText, SnapshotSelectionCriteria.Latest, long.MaxValue), Self);

    private void AddEarly(object message, IActorRef sender)
    {
        if ((_early?.Count ?? 0) < EarlyMax)
        {
            (_early ??= new(1)).Add((message, sender));
        }
        else if (message is IUserMessage)
        {
            sender.Tell(new UserReplies.Unavailable($"{EarlyMax} messages wait for the state"), Self);
        }
    }

    private void Begin(SelectedSnapshot? snapshot)
    {
        try
        {
            _machine = snapshot is { Snapshot: byte[] bytes }
                ? new UserMachine(UserProfileCodec.Decode(bytes, out bool hasIdsOfOthers), snapshot.Metadata.SequenceNr, isToBeSaved: hasIdsOfOthers)
                : new UserMachine(UserProfile.Empty, revision: 0);
        }
        catch (CorruptRecordException e)
        {
            Heal(e, snapshot!.Metadata.SequenceNr);
            return;
        }
        catch (NotSupportedException e)
        {
            NotLoaded(e);
            return;
        }

        BeginWith(_machine);
    }

    private void BeginWith(UserMachine machine)
    {
        _verifiedAt = _services.Live.Now;
        Replay(machine);
    }

    /// <summary>Starts a rebuild of the profile from the log; messages wait until it ends, as during a load.</summary>
    private void Heal(CorruptRecordException cause, long revision)
    {
        _services.Counters.CountDamagedState();
        _services.LogDamaged(cause, OwnerText, revision);
        if (Owner.TryParse(OwnerText, out Owner owner))
        {
            _services.Healer.HealAsync(owner).PipeTo(
                Self, success: profile => new UserCommands.Healed(profile, revision), failure: reason => new UserCommands.NotHealed(reason));
        }
        else
        {
            NotLoaded(cause);
        }
    }

    /// <summary>Handles the waiting messages now instead of sending them to itself, so that later messages are handled after them.</summary>
    private void Replay(UserMachine machine)
    {
        List<(object Message, IActorRef Sender)> early = _early ?? [];
        _early = null;
        for (int i = 0; i < early.Count; i++)
        {
            // The first message started the load or the check, so it was sent before that.
            Handle(early[i].Message, early[i].Sender, machine, isOlderThanLoad: i == 0);
        }
    }

    /// <summary>Keeps a message until the stored revision is known.</summary>
    private void Check(object message, IActorRef sender)
    {
        AddEarly(message, sender);
        AskForState();
    }

    /// <summary>Answers reads with the current profile; the protocol sends the log's records again if no answer comes.</summary>
    private void NotChecked(Exception cause, UserMachine machine)
    {
        _services.Counters.CountLoadFailure();
        _services.LogNotLoaded(cause, OwnerText);
        _verifiedAt = _services.Live.Now;
        _early?.RemoveAll(early => early.Message is Take);
        Replay(machine);
    }

    /// <summary>Refuses the waiting reads and stops; the next incarnation answers later messages. The log's records are dropped, because the protocol sends them again.</summary>
    private void NotLoaded(Exception cause)
    {
        _services.Counters.CountLoadFailure();
        _services.LogNotLoaded(cause, OwnerText);
        foreach ((object message, IActorRef sender) in _early ?? [])
        {
            _isStopRequested |= message is EntityStop;
            if (message is IUserMessage)
            {
                sender.Tell(new UserReplies.Unavailable(cause.Message), Self);
            }
        }

        _early = null;
        Leave();
    }

    private void On(Take take, IActorRef sender, UserMachine machine, bool isOlderThanLoad)
    {
        _live.UsedAt = _services.Live.Now;
        (_ingest, _ingestPartition) = (sender, take.Partition);
        UserEffects effects = machine.On(take, isOlderThanLoad, out TakeAnswer? answer);
        if (answer is not null)
        {
            sender.Tell(answer, Self);
        }

        if (effects.HasFlag(UserEffects.Check))
        {
            Check(take, sender);
        }

        Do(effects, machine);
        if (_waiting is not null)
        {
            _waiting.AnswerProfiles(machine);
            AnswerErased(machine);
        }
    }

    private void On(SaveSnapshotSuccess saved, UserMachine machine)
    {
        _services.Counters.CountSave();
        _verifiedAt = _services.Live.Now;
        UserEffects effects = machine.OnSaved(saved.Metadata.SequenceNr);
        if (effects.HasFlag(UserEffects.TellSaved))
        {
            TellSaved(machine);
        }

        // In this order: before the pacer reports that all users are saved, the ingest actor must have the hint, and the
        // pacer must handle the end of this save before a new unsaved record.
        GiveBackPermit();
        Do(effects, machine);
        AnswerErased(machine);
    }

    private void On(UserQueries.GetProfile get, IActorRef sender, UserMachine machine, bool isOlderThanLoad)
    {
        int now = _services.Live.Now;
        _live.UsedAt = now;
        if (!isOlderThanLoad && (get.VerifyRevision || now - _verifiedAt > VerifiedTicks))
        {
            Check(get, sender);
        }
        else if (WaitingReads.HasAll(get, machine))
        {
            sender.Tell(new UserReplies.Profile(machine.Profile), Self);
        }
        else
        {
            (_waiting ??= new()).Add(get, sender, now);
        }
    }

    private void AnswerErased(UserMachine machine)
    {
        if (_waiting?.AnswerErased(machine) == true)
        {
            Do(machine.SaveNow(), machine); // without waiting for the pacer: no erased data may stay in the file
        }
    }

    private void Do(UserEffects effects, UserMachine machine)
    {
        if (effects.HasFlag(UserEffects.TellUnsaved))
        {
            _isAtPacer = true;
            _services.Pacer.Tell(new PacerMessages.Unsaved(Self), Self);
        }

        if (effects.HasFlag(UserEffects.Save))
        {
            SnapshotMetadata metadata = new(OwnerText, machine.SavingRevision, _services.Time.GetUtcNow().UtcDateTime);
            _services.Snapshots.Tell(new SaveSnapshot(metadata, UserProfileCodec.Encode(machine.Saving!)), Self);
        }

        if (effects.HasFlag(UserEffects.Stop))
        {
            Leave();
        }
    }

    /// <summary>Asks the ingest actor to probe the next incarnation now: the records that this one had and did not save are read again.</summary>
    private void AskForRecords()
    {
        if (_ingestPartition >= 0 && Owner.TryParse(OwnerText, out Owner owner))
        {
            _services.Region.Tell(new IngestCommands.ProbeAgain(_ingestPartition, owner), ActorRefs.NoSender);
        }
    }

    private void TellSaved(UserMachine machine)
    {
        List<Saved> hints = new(1);
        machine.CollectSaved(Owner.TryParse(OwnerText, out Owner owner) ? owner : default, hints);
        foreach (Saved hint in hints.Where(hint => hint.Epoch == _services.Shape.Epoch))
        {
            // Nearly all records of a user are in one partition, whose actor is known; erasures are in all of them.
            (hint.Partition == _ingestPartition ? _ingest : _services.Region).Tell(hint, Self);
        }
    }

    private void GiveBackPermit()
    {
        if (_hasPermit)
        {
            _hasPermit = false;
            _services.Pacer.Tell(new PacerMessages.Ended(Self), Self);
        }
    }

    /// <summary>Creates actors without reflection, because a request may wait for it.</summary>
    private sealed class Producer(UserServices services) : IIndirectActorProducer
    {
        public Type ActorType => typeof(UserActor);

        public ActorBase Produce() => new UserActor(services);

        public void Release(ActorBase actor)
        {
        }
    }
}

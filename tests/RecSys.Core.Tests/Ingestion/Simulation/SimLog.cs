using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Users;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>The log: the durable records, the erased ones, and the profiles that follow from them.</summary>
internal sealed class SimLog
{
    private static readonly LogRecordCodec Codec = new(new OwnerHash(new byte[OwnerHash.KeySizeBytes]));

    private readonly SimWorld _world;
    private readonly UserId[] _users;
    private readonly Dictionary<Owner, List<Fact>> _facts = [];
    private readonly Dictionary<Owner, List<string>> _ids = [];
    private int _nextId;

    public SimLog(SimWorld world, int users, int partitions)
    {
        _world = world;
        _users = [.. Enumerable.Range(0, users).Select(user => new UserId(string.Create(CultureInfo.InvariantCulture, $"user-{user}")))];
        OwnerHash hash = new(new byte[OwnerHash.KeySizeBytes]);
        Owners = [.. _users.Select(hash.Of)];
        foreach (Owner owner in Owners)
        {
            _facts[owner] = [];
            _ids[owner] = [];
        }

        BeginEpoch(partitions);
    }

    public Owner[] Owners { get; }

    public List<SimPartition[]> Epochs { get; } = [];

    /// <summary>Gets whether an erasure removed records.</summary>
    public bool HasRemoved { get; private set; }

    private int Epoch => Epochs.Count - 1;

    public void BeginEpoch(int partitions) => Epochs.Add([.. Enumerable.Range(0, partitions).Select(_ => new SimPartition())]);

    /// <summary>Returns the position of the end of an epoch.</summary>
    public LogPosition EndOf(int epoch) => new(epoch, [.. Epochs[epoch].Select(partition => partition.End - 1)]);

    public long EndOf(int epoch, int partition) => Epochs[epoch][partition].End;

    public void WaitFor(int epoch, int partition, Action appended) => Epochs[epoch][partition].Waiting.Add(appended);

    public LogChunk Read(int epoch, int partition, long from, int count)
    {
        List<LogEntry> stored = Epochs[epoch][partition].Stored;
        int start = FirstAtOrAfter(stored, from);
        LogEntry[] entries = [.. stored.Skip(start).Take(count)];
        return new LogChunk(partition, entries, entries.Length == 0 ? EndOf(epoch, partition) : entries[^1].Offset + 1);
    }

    /// <summary>Appends an interaction of a user, sometimes twice.</summary>
    public (Owner Owner, RecordPosition Position) AppendSomething()
    {
        int user = (int)(_users.Length * Math.Pow(_world.NextDouble(), 3)); // a few do most
        Owner owner = Owners[user];
        List<string> ids = _ids[owner];
        double what = _world.NextDouble();
        LogRecord record;
        if (what < 0.04 && ids.Count > 0)
        {
            _world.Count("retracted");
            record = new LogRecord.InteractionRetracted(_users[user], ids[_world.Below(ids.Count)], _world.Now);
        }
        else if (what < 0.08)
        {
            record = new LogRecord.UserChanged(
                _users[user],
                ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal).Add("label", string.Create(CultureInfo.InvariantCulture, $"{_nextId++}")),
                _world.Chance(0.5),
                IsPatch: _world.Chance(0.5),
                _world.Now);
        }
        else
        {
            string? id = null;
            if (ids.Count > 0 && _world.Chance(0.1))
            {
                _world.Count("interaction id repeated");
                id = ids[_world.Below(ids.Count)];
            }
            else if (_world.Chance(0.6))
            {
                id = string.Create(CultureInfo.InvariantCulture, $"i{_nextId++}");
                ids.Add(id);
            }

            record = new LogRecord.Interaction(
                _users[user],
                new ItemId(string.Create(CultureInfo.InvariantCulture, $"item-{_world.Below(50)}")),
                "view",
                _world.Now - _world.Below(2_000))
            {
                Id = id,
                Context = _world.Chance(0.1) ? new InteractionContext { Location = new string('x', 600) } : null,
            };
        }

        int partition = PartitionOf(owner);
        return (owner, Append(owner, partition, record));
    }

    public void AppendItem()
    {
        LogRecord.ItemChanged item = new(new ItemId("item"), null, _world.Now);
        Append(null, _world.Below(Epochs[Epoch].Length), item);
    }

    /// <summary>Links two users.</summary>
    public void Merge()
    {
        int target = _world.Below(_users.Length);
        int from = _world.Below(_users.Length);
        if (target != from)
        {
            _world.Count("merged");
            Append(
                Owners[target],
                PartitionOf(Owners[target]),
                new LogRecord.UsersMerged(_users[target], _users[from], Owners[from], _world.Now));
        }
    }

    /// <summary>Erases a person: every partition gets the record, and the person's records are removed some time later.</summary>
    public void Erase()
    {
        _world.Count("erased");
        Owner owner = Owners[_world.Below(Owners.Length)];
        LogPosition upTo = new(Epoch, [.. Epochs[Epoch].Select(partition => partition.End - 1)]);
        for (int partition = 0; partition < Epochs[Epoch].Length; partition++)
        {
            Append(owner, partition, new LogRecord.PersonErased(owner, upTo, _world.Now));
        }

        _world.After(_world.Below(3_000), null, () => Remove(owner, upTo));
    }

    /// <summary>Returns the profile of the log up to a position.</summary>
    public UserProfile Fold(Owner owner, LogPosition upTo)
    {
        UserProfile profile = UserProfile.Empty;
        for (int epoch = 0; epoch <= upTo.Epoch && epoch < Epochs.Count; epoch++)
        {
            for (int partition = 0; partition < Epochs[epoch].Length; partition++)
            {
                LogEntry[] entries =
                [
                    .. _facts[owner]
                        .Where(fact => fact.Position.Epoch == epoch && fact.Position.Partition == partition && upTo.Covers(fact.Position))
                        .Select(fact => new LogEntry(fact.Position.Offset, fact.Bytes)),
                ];
                profile = profile.Apply(epoch, partition, entries);
            }
        }

        return profile;
    }

    public LogPosition End => new(Epoch, [.. Epochs[Epoch].Select(partition => partition.End - 1)]);

    /// <summary>The definition of a history, in plain code: the interactions since the newest erasure, each id once, without retracted ones.</summary>
    public HashSet<RecordPosition> HistoryOf(Owner owner)
    {
        List<(RecordPosition Position, string? Id)> held = [];
        List<(RecordPosition Position, string Id)> retractions = [];
        foreach (Fact fact in _facts[owner].OrderBy(fact => fact.Position))
        {
            switch (fact.Record)
            {
                case LogRecord.Interaction interaction when interaction.Id is null
                        || (held.TrueForAll(known => known.Id != interaction.Id) && retractions.TrueForAll(known => known.Id != interaction.Id)):
                    held.Add((fact.Position, interaction.Id));
                    break;
                case LogRecord.InteractionRetracted retracted:
                    held.RemoveAll(known => known.Id == retracted.Id);
                    retractions.Add((fact.Position, retracted.Id));
                    break;
                case LogRecord.PersonErased erased when fact.IsOwnPartition:
                    held.RemoveAll(known => erased.UpTo.Covers(known.Position));
                    retractions.RemoveAll(known => erased.UpTo.Covers(known.Position));
                    break;
            }
        }

        return [.. held.Select(known => known.Position)];
    }

    /// <summary>Returns whether a record was erased from the log.</summary>
    public bool IsRemoved(Owner owner, RecordPosition position) => _facts[owner].Exists(fact => fact.IsRemoved && fact.Position == position);

    /// <summary>Returns the newest record of a user below an offset that is still in the log; −1 if there is none.</summary>
    public long NewestBelow(Owner owner, int epoch, int partition, long below)
    {
        long newest = -1;
        foreach (Fact fact in _facts[owner])
        {
            if (!fact.IsRemoved && fact.Position.Epoch == epoch && fact.Position.Partition == partition && fact.Position.Offset < below)
            {
                newest = long.Max(newest, fact.Position.Offset);
            }
        }

        return newest;
    }

    /// <summary>Requires that the records an actor applies leave no gap after those it had.</summary>
    public void RequireNoHole(Take take, long had)
    {
        foreach (Fact fact in _facts[take.Owner])
        {
            if (!fact.IsRemoved
                && fact.Position.Epoch == take.Epoch
                && fact.Position.Partition == take.Partition
                && fact.Position.Offset > had
                && fact.Position.Offset < take.Last)
            {
                bool isApplied = false;
                foreach (LogEntry record in take.Records.Span)
                {
                    isApplied |= record.Offset == fact.Position.Offset;
                }

                _world.Require(isApplied, "no actor applies a record while an older one is missing", take);
            }
        }
    }

    private RecordPosition Append(Owner? owner, int partition, LogRecord record)
    {
        SimPartition to = Epochs[Epoch][partition];
        to.End += _world.Chance(0.2) ? _world.Between(1, 5) : 0; // offsets may skip
        ArrayBufferWriter<byte> bytes = new();
        Codec.Encode(record, bytes);
        LogEntry entry = new(to.End++, bytes.WrittenMemory);
        to.Stored.Add(entry);
        RecordPosition position = new(Epoch, partition, entry.Offset);
        if (owner is { } whose)
        {
            _facts[whose].Add(new Fact(position, record, entry.Bytes, partition == PartitionOf(whose)));
        }

        Action[] waiting = [.. to.Waiting];
        to.Waiting.Clear();
        foreach (Action appended in waiting)
        {
            appended();
        }

        return position;
    }

    private void Remove(Owner owner, LogPosition upTo)
    {
        foreach (Fact fact in _facts[owner])
        {
            if (!fact.IsRemoved && upTo.Covers(fact.Position))
            {
                fact.IsRemoved = HasRemoved = true;
                List<LogEntry> stored = Epochs[fact.Position.Epoch][fact.Position.Partition].Stored;
                stored[FirstAtOrAfter(stored, fact.Position.Offset)] = new LogEntry(fact.Position.Offset, LogRecordCodec.ErasedRecord.ToArray());
            }
        }
    }

    /// <summary>The partition of a user's new records.</summary>
    public int PartitionOf(Owner owner) => PartitionOf(owner, Epoch);

    /// <summary>The partition of a user's records of an epoch.</summary>
    public int PartitionOf(Owner owner, int epoch) => new LogShape(epoch, Epochs[epoch].Length).PartitionOf(owner);

    private static int FirstAtOrAfter(List<LogEntry> stored, long offset)
    {
        int low = 0;
        int high = stored.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = stored[middle].Offset < offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private sealed class Fact(RecordPosition position, LogRecord record, ReadOnlyMemory<byte> bytes, bool isOwnPartition)
    {
        public RecordPosition Position { get; } = position;
        public LogRecord Record { get; } = record;
        public ReadOnlyMemory<byte> Bytes { get; } = bytes;
        public bool IsOwnPartition { get; } = isOwnPartition;
        public bool IsRemoved { get; set; }
    }
}

/// <summary>One partition of the log.</summary>
internal sealed class SimPartition
{
    public List<LogEntry> Stored { get; } = [];
    public List<Action> Waiting { get; } = [];
    public long End { get; set; }
}

using System.Globalization;
using System.Text;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Batch.Replay;

/// <summary>Reads the log as a world: the records of all partitions in the order of their times.</summary>
/// <remarks>
/// <para>
/// A record takes effect at its own time, with two exceptions. If an item was written later than its first interaction, as after an import of old interactions,
/// its first write takes effect at the beginning, and the item was added just after its first interaction (<see cref="ItemWrites"/>); if there is such an item, the first writes of all items without interactions take effect at the beginning too,
/// and these have no time at which they were added. A retraction takes effect at the time of its interaction at the earliest.
/// </para>
/// <para>
/// The records of users who refused consent, those of erased persons up to the erasure, and the merges that an erasure has undone are left out.
/// </para>
/// </remarks>
public static class LogWorld
{
    /// <summary>Reads the log up to a watermark. Blocks, and decodes on the calling thread, so that its priority applies.</summary>
    /// <param name="log">The log to read.</param>
    /// <param name="watermark">The position up to which the log is read.</param>
    /// <param name="types">The types of interactions, with their weights.</param>
    /// <param name="progress">Called with the share that was read, 0 to 1; null if not needed.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    /// <exception cref="StoreUnavailableException">The log cannot be read now.</exception>
    /// <exception cref="InvalidOperationException">The log has more records than <see cref="ReplayWorld.RecordsMax"/>.</exception>
    public static ReplayWorld Read(
        IInteractionLog log, LogPosition watermark, InteractionTypes types, Action<double>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(watermark);
        ArgumentNullException.ThrowIfNull(types);
        Reader reader = new(types);
        foreach ((int partition, ReadOnlyMemory<LogEntry> entries) in log.ReadUpToAsync(watermark, progress, cancellationToken).ToBlockingEnumerable(cancellationToken))
        {
            foreach (LogEntry entry in entries.Span)
            {
                reader.Add(new RecordPosition(watermark.Epoch, partition, entry.Offset), entry.Bytes);
            }
        }

        return reader.Build();
    }

    private sealed class Reader(InteractionTypes types)
    {
        private readonly List<Read> _read = [];
        private readonly Dictionary<Owner, int> _userNumbers = [];
        private readonly List<UserId> _users = [];
        private readonly List<Owner> _owners = [];
        private readonly Dictionary<ItemId, int> _itemNumbers = [];
        private readonly List<ItemId> _items = [];
        private readonly List<long> _firstMs = [];
        private readonly Dictionary<Owner, LogPosition> _erased = [];
        private readonly Dictionary<Owner, (long TimeMs, bool IsGiven)> _consents = [];
        private readonly Dictionary<(Owner Owner, string Id), int> _byId = [];
        private readonly HashSet<int> _retracted = [];
        private readonly List<(RecordPosition Position, LogRecord.MergeErased Record)> _undone = [];

        private readonly record struct Read(RecordPosition Position, ReplayRecord Record, LogRecord.Kind Kind, Owner Owner, int CatalogueItem);

        public void Add(RecordPosition position, ReadOnlyMemory<byte> bytes)
        {
            if (_read.Count == ReplayWorld.RecordsMax)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture, $"the log has more than {ReplayWorld.RecordsMax:N0} records ({nameof(ReplayWorld.RecordsMax)}), the most that an evaluation keeps in memory"));
            }

            if (EncodedInteraction.TryRead(bytes.Span, out EncodedInteraction act))
            {
                Add(position, bytes, act);
                return;
            }

            LogRecord? record;
            try
            {
                record = LogRecordCodec.Decode(bytes.Span);
            }
            catch (CorruptRecordException)
            {
                return; // a damaged record is skipped, as in all folds
            }

            _ = LogRecordCodec.TryGetOwner(bytes.Span, out Owner owner);
            long timeMs = LogRecordCodec.TimestampMsOf(bytes.Span);
            int item = -1;
            switch (record)
            {
                case null:
                    return;
                case LogRecord.PersonErased erased:
                    _erased[owner] = _erased.TryGetValue(owner, out LogPosition? upTo) ? upTo.Max(erased.UpTo) : erased.UpTo;
                    return;
                case LogRecord.MergeErased undone:
                    _undone.Add((position, undone));
                    return;
                case LogRecord.UserChanged { Consent: { } isGiven }:
                    if (!_consents.TryGetValue(owner, out (long TimeMs, bool IsGiven) known) || known.TimeMs <= timeMs)
                    {
                        _consents[owner] = (timeMs, isGiven);
                    }

                    break;
                case LogRecord.InteractionRetracted retracted:
                    if (_byId.Remove((owner, retracted.Id), out int at))
                    {
                        _retracted.Add(at);
                        timeMs = Math.Max(timeMs, _read[at].Record.TimeMs);
                    }

                    break;
                case LogRecord.ItemChanged changed:
                    item = NumberOf(changed.Item);
                    break;
            }

            _read.Add(new Read(position, new ReplayRecord(timeMs, bytes), LogRecordCodec.KindOf(bytes.Span), owner, item));
        }

        public ReplayWorld Build()
        {
            HashSet<int> early = EarlyWrites();
            List<ReplayRecord> records = new(_read.Count);
            List<ReplayRecord> added = [];
            for (int at = 0; at < _read.Count; at++)
            {
                Read read = _read[at];
                if (IsLeftOut(read))
                {
                    continue;
                }

                ReplayRecord record = read.Record;
                if (early.Contains(at))
                {
                    records.Add(ItemWrites.WithoutTime(record));
                    if (_firstMs[read.CatalogueItem] < long.MaxValue && ItemWrites.AddedAt(record, _firstMs[read.CatalogueItem]) is { } write)
                    {
                        added.Add(write);
                    }
                }
                else
                {
                    records.Add(record.IsAct ? record with { MayBeRelevant = record.MayBeRelevant && !_retracted.Contains(at) } : record);
                }
            }

            // After the interactions of the same time: the first interaction is a question before which nothing may be known of it.
            records.AddRange(added);

            ItemIndex index = ItemIndex.Of(_items);
            int[] numbers = new int[_items.Count];
            for (int item = 0; item < numbers.Length; item++)
            {
                _ = index.TryGetIndex(Encoding.UTF8.GetBytes(_items[item].Value), out numbers[item]);
            }

            return new ReplayWorld(
                [.. records.Select(record => record.IsAct ? record with { Item = numbers[record.Item] } : record).OrderBy(record => record.TimeMs)],
                _users,
                _owners,
                index.Items,
                types);
        }

        private void Add(RecordPosition position, ReadOnlyMemory<byte> bytes, EncodedInteraction act)
        {
            if (!_userNumbers.TryGetValue(act.Owner, out int user))
            {
                _userNumbers.Add(act.Owner, user = _users.Count);
                _users.Add(new UserId(Encoding.UTF8.GetString(act.UserUtf8)));
                _owners.Add(act.Owner);
            }

            int item = NumberOf(act.Item);
            _firstMs[item] = Math.Min(_firstMs[item], act.TimestampMs);
            bool isFirst = act.IdUtf8.IsEmpty || _byId.TryAdd((act.Owner, Encoding.UTF8.GetString(act.IdUtf8)), _read.Count);
            ReplayRecord record = new(act.TimestampMs, bytes)
            {
                User = user,
                Item = item,
                Weight = types.WeightOf(act.Type, act.Value),
                MayBeRelevant = isFirst,
            };
            _read.Add(new Read(position, record, LogRecord.Kind.Interaction, act.Owner, CatalogueItem: -1));
        }

        private int NumberOf(ItemId item)
        {
            if (!_itemNumbers.TryGetValue(item, out int number))
            {
                _itemNumbers.Add(item, number = _items.Count);
                _items.Add(item);
                _firstMs.Add(long.MaxValue);
            }

            return number;
        }

        // Returns the numbers of the first writes of the items that were written after their first interaction; if there are any, also of the items without interactions.
        private HashSet<int> EarlyWrites()
        {
            Dictionary<int, int> firstWrites = [];
            for (int at = 0; at < _read.Count; at++)
            {
                int item = _read[at].CatalogueItem;
                if (item >= 0 && (!firstWrites.TryGetValue(item, out int known) || _read[at].Record.TimeMs < _read[known].Record.TimeMs))
                {
                    firstWrites[item] = at;
                }
            }

            HashSet<int> late = [.. firstWrites.Where(pair => _read[pair.Value].Record.TimeMs > _firstMs[pair.Key]).Select(pair => pair.Value)];
            if (late.Count > 0)
            {
                late.UnionWith(firstWrites.Where(pair => _firstMs[pair.Key] == long.MaxValue).Select(pair => pair.Value));
            }

            return late;
        }

        private bool IsLeftOut(Read read)
        {
            if (read.Owner != default && ((_erased.TryGetValue(read.Owner, out LogPosition? upTo) && upTo.Covers(read.Position))
                || (_consents.TryGetValue(read.Owner, out (long TimeMs, bool IsGiven) consent) && !consent.IsGiven)))
            {
                return true;
            }

            return read.Kind is LogRecord.Kind.UsersMerged or LogRecord.Kind.UsersLinked
                && _undone.Any(undone => undone.Record.Target == read.Owner && undone.Record.UpTo.Covers(read.Position) && FromOf(read) == undone.Record.From);
        }

        private static Owner FromOf(Read read) => LogRecordCodec.Decode(read.Record.Bytes.Span) switch
        {
            LogRecord.UsersMerged merged => merged.FromOwner,
            LogRecord.UsersLinked linked => linked.From,
            _ => default,
        };
    }
}

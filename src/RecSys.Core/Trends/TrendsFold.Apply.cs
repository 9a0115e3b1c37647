using System.IO.Hashing;
using System.Text;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;

namespace RecSys.Core.Trends;

public sealed partial class TrendsFold
{
    /// <summary>Number of records that are applied under one lock, so that readers wait only that long.</summary>
    private const int TurnMax = 64;

    private static readonly int[] NoCategories = [];

    /// <summary>Applies records; skips those at or before <see cref="Position"/>, and corrupt ones.</summary>
    /// <param name="epoch">Epoch of the records.</param>
    /// <param name="partition">Partition of the records.</param>
    /// <param name="entries">Consecutive records.</param>
    /// <param name="catalogue">Source of an item's categories at its first interaction; later changes are read from the log.</param>
    /// <param name="types">Weights of interactions.</param>
    public void Apply(int epoch, int partition, ReadOnlySpan<LogEntry> entries, ItemCatalogue catalogue, InteractionTypes types)
    {
        ArgumentNullException.ThrowIfNull(catalogue);
        ArgumentNullException.ThrowIfNull(types);

        lock (_writing)
        {
            while (!entries.IsEmpty)
            {
                ReadOnlySpan<LogEntry> turn = entries[..Math.Min(entries.Length, TurnMax)];
                entries = entries[turn.Length..];
                Preload(turn);
                lock (_gate)
                {
                    foreach (LogEntry entry in turn)
                    {
                        if (_position.TryMoveTo(new RecordPosition(epoch, partition, entry.Offset)))
                        {
                            ApplyRecord(epoch, partition, entry.Bytes.Span, catalogue, types);
                        }
                    }
                }
            }
        }
    }

    /// <summary>Moves the position over offsets without a record.</summary>
    /// <param name="epoch">Epoch of the partition.</param>
    /// <param name="partition">Number of the partition, from 0.</param>
    /// <param name="next">The offset that is read next, above 0.</param>
    public void MoveTo(int epoch, int partition, long next)
    {
        lock (_writing)
        {
            lock (_gate)
            {
                _position.TryMoveTo(new RecordPosition(epoch, partition, next - 1));
            }
        }
    }

    /// <summary>Reads what interactions change before they are applied. A record's reads depend on each other and miss the caches; those of several records overlap.</summary>
    private void Preload(ReadOnlySpan<LogEntry> turn)
    {
        Span<int> items = stackalloc int[TurnMax];
        Span<int> users = stackalloc int[TurnMax];
        int count = 0;
        foreach (LogEntry entry in turn)
        {
            if (EncodedInteraction.TryRead(entry.Bytes.Span, out EncodedInteraction interaction))
            {
                items[count] = _items.Find(interaction.ItemUtf8);
                users[count++] = _tails.Find(interaction.Owner);
            }
        }

        // The number is never negative; the checks keep the compiler from removing the reads.
        int touched = 0;
        for (int i = 0; i < count && touched >= 0; i++)
        {
            touched |= users[i] < 0 ? 0 : _tails.Preload(users[i]);
        }

        for (int i = 0; i < count && touched >= 0; i++)
        {
            touched |= users[i] < 0 ? 0 : _tails.PreloadActs(users[i]);
            touched |= items[i] < 0 ? 0 : _weights.Preload(items[i]);
        }
    }

    private void ApplyRecord(int epoch, int partition, ReadOnlySpan<byte> record, ItemCatalogue catalogue, InteractionTypes types)
    {
        if (EncodedInteraction.TryRead(record, out EncodedInteraction interaction))
        {
            if (types.TryGet(interaction.Type, out InteractionType? type))
            {
                ApplyInteraction(interaction, type.WeightOf(interaction.Value), type.Kind, catalogue);
            }
        }
        else
        {
            ApplyChange(epoch, partition, record);
        }

        if (_mustFill)
        {
            FillLists();
        }
    }

    // Applies an erasure, a retraction or a change of an item; other records do not concern the trends.
    private void ApplyChange(int epoch, int partition, ReadOnlySpan<byte> record)
    {
        ByteReader reader = new(record);
        LogRecordHead head = LogRecordHead.Read(ref reader);
        if (head.Kind == LogRecord.Kind.PersonErased)
        {
            // Every partition has this record, and partitions are read in no order: only the one in the partition of the person's records counts.
            LogPosition upTo = LogPositionCodec.Read(ref reader);
            if (reader.IsDone && (upTo.Epoch != epoch || upTo.PartitionCount <= 1 || new LogShape(epoch, upTo.PartitionCount).PartitionOf(head.Owner) == partition))
            {
                Erase(head.Owner);
            }
        }
        else if (head.Kind == LogRecord.Kind.InteractionRetracted)
        {
            reader.Id();
            ReadOnlySpan<byte> id = reader.Id();
            if (reader.IsDone)
            {
                Retract(head.Owner, IdOf(id), head.TimestampMs);
            }
        }
        else if (LogRecordHead.IsOfItem(head.Kind) && _items.Find(reader.Id()) is >= 0 and int item)
        {
            ItemContent? content = ItemContentCodec.Read(ref reader);
            if (reader.IsDone)
            {
                Change(item, content);
            }
        }
    }

    private void ApplyInteraction(scoped in EncodedInteraction interaction, float weight, InteractionKind kind, ItemCatalogue catalogue)
    {
        // An interaction without positive weight only changes a part that is already counted.
        int item = _items.Find(interaction.ItemUtf8);
        if (weight <= 0 && (item < 0 || (weight == 0 && !ActRule.IsStatement(kind))))
        {
            return;
        }

        long timestampMs = _clock.Date(interaction.TimestampMs, interaction.Owner);
        if (item < 0)
        {
            item = Add(interaction.ItemUtf8, catalogue);
        }

        int user = _tails.Touch(interaction.Owner);
        UserActs acts = _tails.ActsAt(user);
        ulong id = interaction.IdUtf8.IsEmpty ? 0 : IdOf(interaction.IdUtf8);
        UserActs.Act act = new(timestampMs, weight, kind, _generations[item]);
        if (id == 0 && acts.TryRenew(item, act, out TrendPart old, out TrendPart part))
        {
            ReplacePart(item, old, part);
        }
        else if (!TryAdd(acts, item, id, act))
        {
            return;
        }

        if (weight <= 0)
        {
            return;
        }

        _firstMs[item] = Math.Min(_firstMs[item], timestampMs);
        if (_users.Touch(item, interaction.Owner))
        {
            Offer(item);
        }

        Span<int> before = stackalloc int[UserTails.TailMax];
        bool countsReturn = kind is InteractionKind.View or InteractionKind.Click;
        int length = _tails.Push(user, item, interaction.TimestampMs, countsReturn, before, out int together, out int returned);
        _coVisits.Count(item, before[..length], together);
        if (returned >= 0)
        {
            _coVisits.CountReturn(returned);
        }
    }

    /// <summary>Adds an interaction of a user, and counts the user's part in the item's trend.</summary>
    /// <returns>False if the interaction is known by its id, or there is no room.</returns>
    private bool TryAdd(UserActs acts, int item, ulong id, in UserActs.Act act)
    {
        bool isFirst = !acts.Contains(item);
        TrendPart old = isFirst ? default : acts.PartOf(item, act.Generation);
        if (acts.HasId(id) || !MakeRoom(acts, item, act.TimestampMs))
        {
            return false;
        }

        if (act.Kind == InteractionKind.Purchase && act.Weight > 0)
        {
            CountPurchase(acts, item, act.TimestampMs);
        }

        int count = acts.Count;
        if (isFirst)
        {
            acts.Append(item, id, act);
        }
        else
        {
            acts.Add(item, id, act);
        }

        _tails.AddToActCount(acts.Count - count);
        ReplacePart(item, old, isFirst ? UserActs.PartOf(act) : acts.PartOf(item, act.Generation));
        return true;
    }

    /// <summary>Removes the part of an interaction, and ignores its id from then on.</summary>
    private void Retract(Owner owner, ulong id, long timestampMs)
    {
        UserActs acts = _tails.ActsAt(_tails.Touch(owner));
        int item = acts.ItemOf(id);
        if (item != UserActs.Retracted)
        {
            TrendPart old = acts.PartOf(item, _generations[item]);
            acts.Retract(id);
            ReplacePart(item, old, acts.PartOf(item, _generations[item]));
            OfferPublic(item);
        }
        else if (!acts.HasId(id) && MakeRoom(acts, UserActs.Retracted, timestampMs))
        {
            acts.Add(UserActs.Retracted, id, default);
            _tails.AddToActCount(1);
        }
    }

    /// <summary>Removes the parts of an erased person, as far as their interactions are kept, and all data of the person.</summary>
    private void Erase(Owner owner)
    {
        foreach (int item in _tails.TryGetActs(owner)?.DistinctItems() ?? [])
        {
            ReplacePart(item, _tails.TryGetActs(owner)!.PartOf(item, _generations[item]), default);
        }

        _tails.Remove(owner);
        _users.Forget(owner);
        _clock.Forget(owner);
    }

    /// <summary>Makes room for one more interaction of a user with an item; the caller counts the user's part in that item.</summary>
    /// <returns>Whether there is room: otherwise the new one is ignored.</returns>
    private bool MakeRoom(UserActs acts, int item, long timestampMs)
    {
        if (acts.Count < UserActs.CountMax)
        {
            return true;
        }

        int place = acts.FindDroppable(item, timestampMs, _generations);
        if (place < 0)
        {
            return false;
        }

        int dropped = acts.ItemAt(place);
        TrendPart old = dropped == UserActs.Retracted ? default : acts.PartOf(dropped, _generations[dropped]);
        acts.RemoveAt(place);
        _tails.AddToActCount(-1);
        if (dropped != item && dropped != UserActs.Retracted && acts.Contains(dropped))
        {
            ReplacePart(dropped, old, acts.PartOf(dropped, _generations[dropped]));
            OfferPublic(dropped);
        }

        return true;
    }

    /// <summary>Replaces the part of a user in an item's trend.</summary>
    private void ReplacePart(int item, TrendPart old, TrendPart part)
    {
        if (old == part)
        {
            return;
        }

        if (old.IsNone)
        {
            _weights.Add(item, part);
        }
        else if (part.IsNone)
        {
            _weights.Remove(item, old);
        }
        else
        {
            _weights.Replace(item, old, part);
        }

        if (part.Weight < old.Weight || part.TimestampMs < old.TimestampMs)
        {
            _mustFill |= _all.Shrink(item);
            foreach (int category in _categories[item])
            {
                _mustFill |= _categoryLists[category].Shrink(item);
            }
        }
    }

    // 0 means that an interaction has no id.
    private static ulong IdOf(ReadOnlySpan<byte> id) => Math.Max(XxHash3.HashToUInt64(id), 1);

    private int Add(ReadOnlySpan<byte> utf8, ItemCatalogue catalogue)
    {
        if (_items.Count == _options.ItemsMax)
        {
            Compact();
        }

        ItemId id = ItemId.FromChecked(Encoding.UTF8.GetString(utf8));
        bool isKnown = catalogue.TryGet(id, out CatalogueItem? known);
        int item = Add(isKnown ? known!.Id : id, utf8);
        _categories[item] = isKnown ? NumbersOf(known!.Content) : NoCategories;
        return item;
    }

    private int Add(ItemId id, ReadOnlySpan<byte> utf8)
    {
        int item = _items.Add(id, utf8);
        _weights.Extend(item);
        _users.Extend(item);
        _coVisits.Extend(item);
        if (item >= _categories.Length)
        {
            Array.Resize(ref _categories, _categories.Length * 2);
            Array.Resize(ref _generations, _categories.Length);
            Array.Resize(ref _firstMs, _categories.Length);
        }

        _firstMs[item] = NoFirstMs;
        return item;
    }

    /// <summary>Handles an item whose weight may have grown without a new user.</summary>
    private void OfferPublic(int item)
    {
        if (_users.IsPublic(item))
        {
            Offer(item);
        }
    }

    private void Offer(int item)
    {
        bool isShown = IsShown(item);
        _all.Offer(item, isShown, _weights);
        foreach (int category in _categories[item])
        {
            _categoryLists[category].Offer(item, isShown, _weights);
        }
    }

    /// <summary>Changes an item's categories; a deleted item starts again with its next interaction.</summary>
    private void Change(int item, ItemContent? content)
    {
        foreach (int category in _categories[item])
        {
            _mustFill |= _categoryLists[category].Remove(item);
        }

        _categories[item] = content is null ? NoCategories : NumbersOf(content);
        if (content is null)
        {
            _mustFill |= _all.Remove(item);
            _weights.Clear(item);
            _users.Clear(item);
            _generations[item]++;
            _firstMs[item] = NoFirstMs;
        }
        else
        {
            OfferPublic(item);
        }
    }

    private int[] NumbersOf(ItemContent content)
    {
        if (content.Categories.IsEmpty)
        {
            return NoCategories;
        }

        int[] numbers = new int[content.Categories.Length];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = NumberOf(content.Categories[i]);
        }

        return numbers;
    }

    private int NumberOf(string category)
    {
        if (!_categoryNumbers.TryGetValue(category, out int number))
        {
            number = _categoryLists.Count;
            _categoryNumbers.Add(category, number);
            _categoryLists.Add(new TrendList());
        }

        return number;
    }

    /// <summary>Drops the quarter of the items with the lowest weight in the week's window, and the categories without remaining items.</summary>
    private void Compact()
    {
        (double Score, int Item)[] sorted = new (double, int)[_items.Count];
        for (int item = 0; item < sorted.Length; item++)
        {
            sorted[item] = (_weights[item][(int)TrendWindow.Week], item);
        }

        TrendList.Sort(sorted);
        int[] kept = new int[sorted.Length - (sorted.Length / 4)];
        for (int i = 0; i < kept.Length; i++)
        {
            kept[i] = sorted[i].Item;
        }

        Array.Sort(kept);
        int[] numbers = new int[sorted.Length];
        Array.Fill(numbers, -1);
        ItemNumbers items = new();
        int[][] categories = new int[Math.Max(64, _items.Count)][];
        ushort[] generations = new ushort[categories.Length];
        long[] firstMs = new long[categories.Length];
        for (int item = 0; item < kept.Length; item++)
        {
            numbers[kept[item]] = item;
            ItemId id = _items[kept[item]];
            items.Add(id, Encoding.UTF8.GetBytes(id.Value));
            categories[item] = _categories[kept[item]];
            generations[item] = _generations[kept[item]];
            firstMs[item] = _firstMs[kept[item]];
        }

        _items = items;
        _categories = categories;
        _generations = generations;
        _firstMs = firstMs;
        DropUnusedCategories();
        _purchases.Compact(kept, numbers);
        _weights.Compact(kept);
        _users.Compact(kept);
        _coVisits.Compact(kept, numbers);
        _tails.Compact(numbers);
        FillLists();
    }

    private void DropUnusedCategories()
    {
        string[] names = [.. _categoryNumbers.OrderBy(pair => pair.Value).Select(pair => pair.Key)];
        _categoryNumbers.Clear();
        _categoryLists.Clear();
        for (int item = 0; item < _items.Count; item++)
        {
            int[] numbers = _categories[item];
            for (int i = 0; i < numbers.Length; i++)
            {
                numbers[i] = NumberOf(names[numbers[i]]);
            }
        }

        int[] newNumbers = [.. names.Select(name => _categoryNumbers.GetValueOrDefault(name, -1))];
        int[] kept = new int[_categoryNumbers.Count];
        for (int old = 0; old < newNumbers.Length; old++)
        {
            if (newNumbers[old] >= 0)
            {
                kept[newNumbers[old]] = old;
            }
        }

        _categoryPurchases.Compact(kept, newNumbers);
    }

    private void FillLists()
    {
        _mustFill = false;
        _all = new TrendList();
        for (int category = 0; category < _categoryLists.Count; category++)
        {
            _categoryLists[category] = new TrendList();
        }

        for (int item = 0; item < _items.Count; item++)
        {
            OfferPublic(item);
        }
    }
}

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
                lock (_gate)
                {
                    foreach (LogEntry entry in turn)
                    {
                        if (_position.TryMoveTo(new RecordPosition(epoch, partition, entry.Offset)))
                        {
                            TakeIn(entry.Bytes.Span, catalogue, types);
                        }
                    }
                }
            }
        }
    }

    private void TakeIn(ReadOnlySpan<byte> record, ItemCatalogue catalogue, InteractionTypes types)
    {
        if (EncodedInteraction.TryRead(record, out EncodedInteraction interaction))
        {
            float weight = types.WeightOf(interaction.Type, interaction.Value);
            if (weight > 0)
            {
                TakeIn(interaction, weight, catalogue);
            }

            return;
        }

        ByteReader reader = new(record);
        LogRecordHead head = LogRecordHead.Read(ref reader);
        if (head.Kind == LogRecord.Kind.PersonErased)
        {
            _tails.Remove(head.Owner);
            _users.Forget(head.Owner);
            _clock.Forget(head.Owner);
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

    private void TakeIn(scoped in EncodedInteraction interaction, float weight, ItemCatalogue catalogue)
    {
        long timestampMs = _clock.Date(interaction.TimestampMs, interaction.Owner);
        int item = _items.Find(interaction.ItemUtf8);
        if (item < 0)
        {
            item = Add(interaction.ItemUtf8, catalogue);
        }

        _weights.Add(item, weight, timestampMs);
        if (_users.Touch(item, interaction.Owner))
        {
            Offer(item);
        }

        Span<int> before = stackalloc int[UserTails.TailMax];
        int count = _tails.Push(interaction.Owner, item, before);
        _coVisits.Count(item, before[..count]);
    }

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
        }

        return item;
    }

    private void Offer(int item)
    {
        _all.Offer(item, _weights);
        foreach (int category in _categories[item])
        {
            _categoryLists[category].Offer(item, _weights);
        }
    }

    /// <summary>Changes an item's categories; a deleted item starts again with its next interaction.</summary>
    private void Change(int item, ItemContent? content)
    {
        foreach (int category in _categories[item])
        {
            _categoryLists[category].Remove(item);
        }

        _categories[item] = content is null ? NoCategories : NumbersOf(content);
        if (content is null)
        {
            _all.Remove(item);
            _weights.Clear(item);
            _users.Clear(item);
        }
        else if (_users.IsPublic(item))
        {
            Offer(item);
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
        for (int item = 0; item < kept.Length; item++)
        {
            numbers[kept[item]] = item;
            ItemId id = _items[kept[item]];
            items.Add(id, Encoding.UTF8.GetBytes(id.Value));
            categories[item] = _categories[kept[item]];
        }

        _items = items;
        _categories = categories;
        DropUnusedCategories();
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
    }

    private void FillLists()
    {
        _all = new TrendList();
        for (int category = 0; category < _categoryLists.Count; category++)
        {
            _categoryLists[category] = new TrendList();
        }

        for (int item = 0; item < _items.Count; item++)
        {
            if (_users.IsPublic(item))
            {
                Offer(item);
            }
        }
    }
}

using System.Buffers;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Trends;

namespace RecSys.Core.Tests.Ingestion.Simulation;

/// <summary>A fold that a node keeps for itself, the trends: it reads the log, saves its state now and then, and begins from there after a crash.</summary>
internal sealed class SimFold
{
    private static readonly TrendsOptions Options = new() { UsersMin = 1 };
    private static readonly ItemCatalogue NoItems = new CatalogueFold().Current;

    private readonly SimWorld _world;
    private TrendsFold _fold = new(Options);
    private byte[]? _state;
    private Dictionary<(int Epoch, int Partition), long> _read = [];
    private Dictionary<(int Epoch, int Partition), long> _savedRead = [];

    public SimFold(SimWorld world)
    {
        _world = world;
        Go();
    }

    /// <summary>Gets whether it has read all records.</summary>
    public bool IsAtEnd => Pending() is null;

    /// <summary>Returns whether it equals a fold of the whole log without faults.</summary>
    public bool IsWhole()
    {
        TrendsFold whole = new(Options);
        for (int epoch = 0; epoch < _world.Log.Epochs.Count; epoch++)
        {
            for (int partition = 0; partition < _world.Log.Epochs[epoch].Length; partition++)
            {
                LogEntry[] all = _world.Log.Read(epoch, partition, 0, int.MaxValue).Entries;
                whole.Apply(epoch, partition, all, NoItems, InteractionTypes.Default);
            }
        }

        Dictionary<ItemId, float> expected = AllTime(whole);
        Dictionary<ItemId, float> actual = AllTime(_fold);
        return expected.Count == actual.Count
            && expected.All(item => actual.TryGetValue(item.Key, out float score) && MathF.Abs(score - item.Value) <= 1e-4f * item.Value);
    }

    private static Dictionary<ItemId, float> AllTime(TrendsFold fold) =>
        fold.GetTrending(null, TrendWindow.AllTime, TrendsFold.TrendingMax, nowMs: 0).ToDictionary(item => item.Item, item => item.Score);

    private void Go()
    {
        if (_world.Fault(_world.Faults.CrashFold) && _state is not null)
        {
            _world.Count("fold crashed");
            _fold = TrendsFold.Decode(new(_state), Options);
            _read = new(_savedRead);
        }

        if (Pending() is var (epoch, partition))
        {
            LogChunk chunk = _world.Log.Read(epoch, partition, _read.GetValueOrDefault((epoch, partition)), _world.Between(1, 20));
            _fold.Apply(epoch, partition, chunk.Entries, NoItems, InteractionTypes.Default);
            _read[(epoch, partition)] = chunk.Next;
        }

        if (_world.Chance(0.1))
        {
            // In one transaction: what it is, and up to where it has read.
            _state = _fold.Encode().ToArray();
            _savedRead = new(_read);
        }

        _world.After(_world.Between(20, IsAtEnd ? 400 : 80), null, Go);
    }

    /// <summary>A partition with something to read, of the oldest epoch that has one.</summary>
    private (int Epoch, int Partition)? Pending()
    {
        for (int epoch = 0; epoch < _world.Log.Epochs.Count; epoch++)
        {
            int count = _world.Log.Epochs[epoch].Length;
            int from = _world.Below(count);
            for (int i = 0; i < count; i++)
            {
                int partition = (from + i) % count;
                if (_read.GetValueOrDefault((epoch, partition)) < _world.Log.EndOf(epoch, partition))
                {
                    return (epoch, partition);
                }
            }
        }

        return null;
    }
}

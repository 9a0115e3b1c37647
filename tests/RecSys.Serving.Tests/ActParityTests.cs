using System.Buffers;
using CsCheck;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Users;
using RecSys.Serving.Pipeline;
using RecSys.TestKit.Models;

namespace RecSys.Serving.Tests;

/// <summary>Serving and training interpret the same records in the same way.</summary>
public sealed class ActParityTests
{
    private const int ItemCount = 12;
    private static readonly OwnerHash Hash = new(new byte[OwnerHash.KeySizeBytes]);
    private static readonly LogRecordCodec Codec = new(Hash);
    private static readonly UserId User = new("ann");

    private static readonly InteractionTypes Types = new(
    [
        .. InteractionTypes.Default.All,
        new InteractionType("play", Weight: 1, InteractionKind.View),
        new InteractionType("skip", Weight: -1, InteractionKind.View),
        new InteractionType("finish", Weight: 3, InteractionKind.Purchase),
        new InteractionType("ban", Weight: -2, InteractionKind.Hide),
    ]);

    private static readonly Gen<LogRecord> Record = Gen.Frequency(
        (30, Gen.Select(Gen.Int[0, ItemCount - 1], Gen.Int[0, Types.All.Count], Gen.Int[1, 5], Gen.Int[0, 300], Gen.Int[0, 90]).Select((item, type, value, time, id) =>
            (LogRecord)new LogRecord.Interaction(User, new(IdOf(item)), type == Types.All.Count ? "no longer configured" : Types.All[type].Name, time)
            {
                Value = value,
                Id = id > 60 ? null : $"i{id}",
            })),
        (1, Gen.Int[0, 60].Select(id => (LogRecord)new LogRecord.InteractionRetracted(User, $"i{id}", 0))));

    [Fact]
    public void Serving_training_and_evaluation_agree_on_weights_and_left_out_items() =>
        Record.Array[0, 60].Sample(IsSame, iter: 300);

    [Fact]
    public void Serving_and_training_also_agree_on_a_full_history() => Record.Array[Limits.HistoryMax + 200].Sample(IsSame, iter: 10);

    private static void IsSame(LogRecord[] records)
    {
        LogEntry[] log = [.. records.Select((record, offset) => new LogEntry(offset, Encode(record)))];
        ProfileFold fold = new();
        fold.Apply(0, 0, log);
        InteractionTable table = LogHistory.TableOf(fold, new CatalogueFold().Current, Types);
        int[] items = new int[records.Length];
        float[] weights = new float[records.Length];
        int count = table.UserCount == 0 ? 0 : table.Combine(0, table.ItemsOf(0).Length, items, weights);

        using ModelSnapshot model = SmallModels.Snapshot(SmallModels.Content(Enumerable.Range(0, ItemCount).Select(IdOf), dimension: 3));
        SharedModel shared = new(model);
        using ModelLease lease = shared.TryLease()!;
        ItemCatalogue catalogue = new CatalogueFold().Current;
        using SlateRun run = new(new SlateRequest { User = User }, new ScratchPool(), new RequestClock(TimeProvider.System, TimeSpan.FromSeconds(1)), nowMs: 1_000)
        {
            Catalogue = catalogue,
            Cells = new ModelCells(catalogue, model),
            Profile = UserProfile.Empty.Apply(0, 0, log),
            Lease = lease,
            ReasonWeights = new float[Feature.Count],
        };
        HistoryReader.Read(run, Types, new ServingOptions());

        int[] readItems = new int[Limits.HistoryMax];
        float[] readWeights = new float[Limits.HistoryMax];
        int read = HistoryWeights.Read(run.Profile, model, Types, readItems, readWeights);

        (string, float)[] served = [.. Enumerable.Range(0, run.FoldCount).Select(i => (model.ItemAt(run.Scratch.FoldItems[i]).Value, run.Scratch.FoldWeights[i]))];
        Assert.Equal(served, Enumerable.Range(0, count).Select(i => (table.Index.Items[items[i]].Value, weights[i])));
        Assert.Equal(served, Enumerable.Range(0, read).Select(i => (model.ItemAt(readItems[i]).Value, readWeights[i])));
        Assert.Equal(
            Enumerable.Range(0, ItemCount).Where(item => run.Scratch.Blocked.TryGet(run.KeyOf(new ItemId(IdOf(item)), out _), out _)).Select(IdOf),
            LeftOutItems.Of(run.Profile, Types).Select(item => item.Value).Order(StringComparer.Ordinal));
    }

    private static string IdOf(int item) => $"item-{item:00}";

    private static ReadOnlyMemory<byte> Encode(LogRecord record)
    {
        ArrayBufferWriter<byte> bytes = new();
        Codec.Encode(record, bytes);
        return bytes.WrittenMemory;
    }
}

using RecSys.Core.Models;
using RecSys.TestKit.Models;
using Xunit;

namespace RecSys.Core.Tests.Models;

public sealed class ModelSnapshotTests
{
    private static readonly ModelContent Rich = SmallModels.Content(["a", "b", "ü/😀"]) with
    {
        Origins = [EmbeddingOrigin.Trained, EmbeddingOrigin.Trained, EmbeddingOrigin.Estimated],
        Similar = new SparseRows([0, 1, 2, 2], [1, 0], [0.5f, 0.5f]),
        ContentNeighbours = new SparseRows([0, 1, 1, 3], [2, 0, 1], [0.9f, 0.9f, 0.1f]),
        Operator = new SparseRows([0, 2, 2, 2], [1, 2], [0.25f, -0.25f]),
        ContentDimension = 2,
        ContentVectors = [1, 0, 0, 1, 0.6f, 0.8f],
        ContentTokens = [7, 9],
        ContentIdf = [1, 2],
    };

    [Fact]
    public void A_snapshot_reads_back_what_was_written()
    {
        using ModelSnapshot model = SmallModels.Snapshot(Rich);

        Assert.Equal(3, model.ItemCount);
        Assert.Equal(2, model.Dimension);
        Assert.Equal("ü/😀", model.ItemAt(2).Value);
        Assert.Equal(Rich.Factors[2..4], model.FactorsOf(1).ToArray());
        Assert.Equal([3f, 2f, 1f], model.Popularity.ToArray());
        Assert.True(model.HasEmbedding(0));
        Assert.False(model.HasEmbedding(2));
        Assert.Equal([1], model.SimilarTo(0).Indices.ToArray());
        Assert.Equal(0, model.SimilarTo(2).Count);
        Assert.Equal([0.9f, 0.1f], model.ContentNeighboursOf(2).Scores.ToArray());
        Assert.Equal([0.25f, -0.25f], model.OperatorOf(0).Scores.ToArray());
        Assert.Equal([0.6f, 0.8f], model.ContentOf(2).ToArray());
        Assert.Equal([7ul, 9ul], model.ContentTokens.ToArray());
        Assert.Equal("made up", model.Card.Algorithm);
    }

    [Fact]
    public void A_snapshot_over_a_content_equals_the_written_and_opened_one()
    {
        using ModelSnapshot opened = SmallModels.Snapshot(Rich);
        using ModelSnapshot over = ModelSnapshot.Of(Rich);

        Assert.Equal(opened.ItemCount, over.ItemCount);
        Assert.Equal(opened.Dimension, over.Dimension);
        Assert.Equal(opened.ContentDimension, over.ContentDimension);
        Assert.Equal(opened.AllFactors, over.AllFactors);
        Assert.Equal(opened.AllContent, over.AllContent);
        Assert.Equal(opened.Popularity, over.Popularity);
        Assert.Equal(opened.ContentTokens, over.ContentTokens);
        Assert.Equal(opened.ContentIdf, over.ContentIdf);
        Assert.Equal(opened.FoldInBase!.Diagonal, over.FoldInBase!.Diagonal);
        Assert.Equal(opened.FoldInBase!.RidgeOf(3), over.FoldInBase!.RidgeOf(3));
        Assert.Equal(opened.HasOperator, over.HasOperator);
        for (int item = 0; item < over.ItemCount; item++)
        {
            Assert.Equal(opened.ItemAt(item), over.ItemAt(item));
            Assert.True(over.TryGetIndex(opened.ItemAt(item), out int index));
            Assert.Equal(item, index);
            Assert.Equal(opened.OriginOf(item), over.OriginOf(item));
            Assert.Equal(opened.SimilarTo(item).Indices, over.SimilarTo(item).Indices);
            Assert.Equal(opened.ContentNeighboursOf(item).Scores, over.ContentNeighboursOf(item).Scores);
            Assert.Equal(opened.OperatorOf(item).Scores, over.OperatorOf(item).Scores);
        }
    }

    [Fact]
    public void Every_item_is_found_by_its_id_and_no_other_is()
    {
        string[] ids = [.. Enumerable.Range(0, 5_000).Select(i => $"item-{i}")];
        using ModelSnapshot model = SmallModels.Snapshot(SmallModels.Content(ids));

        foreach (string id in ids)
        {
            Assert.True(model.TryGetIndex(new ItemId(id), out int index));
            Assert.Equal(id, model.ItemAt(index).Value);
            Assert.False(model.TryGetIndex(new ItemId(id + "x"), out _));
        }
    }

    [Fact]
    public void A_model_without_items_is_valid()
    {
        using ModelSnapshot model = SmallModels.Snapshot(SmallModels.Content([]));

        Assert.Equal(0, model.ItemCount);
        Assert.False(model.TryGetIndex(new ItemId("a"), out _));
    }

    [Fact]
    public void Opening_does_not_allocate_for_each_index()
    {
        const int Items = 1_000;
        const int Neighbours = 200;
        int[] starts = [.. Enumerable.Range(0, Items + 1).Select(item => item * Neighbours)];
        int[] indices = [.. Enumerable.Range(0, Items * Neighbours).Select(at => at % Items)];
        ModelContent content = SmallModels.Content([.. Enumerable.Range(0, Items).Select(i => $"item-{i:000}")]) with { Similar = new SparseRows(starts, indices, new float[indices.Length]) };
        byte[] bytes = SmallModels.Bytes(content);
        ModelSnapshot.Open(SnapshotBytes.Of(bytes)).Dispose();

        long before = GC.GetAllocatedBytesForCurrentThread();
        ModelSnapshot.Open(SnapshotBytes.Of(bytes)).Dispose();

        // 8 bytes an item are references to ids.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 1, Items * 20);
    }

    [Fact]
    public void Every_changed_byte_is_detected()
    {
        byte[] bytes = SmallModels.Bytes(Rich);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] changed = [.. bytes];
            changed[at] ^= 0x10;
            Assert.Throws<CorruptModelException>(() => ModelSnapshot.Open(SnapshotBytes.Of(changed)));
        }
    }

    [Fact]
    public void Every_truncation_and_every_addition_is_detected()
    {
        byte[] bytes = SmallModels.Bytes(Rich);
        for (int length = 0; length < bytes.Length; length++)
        {
            Assert.Throws<CorruptModelException>(() => ModelSnapshot.Open(SnapshotBytes.Of(bytes.AsMemory(0, length))));
        }

        Assert.Throws<CorruptModelException>(() => ModelSnapshot.Open(SnapshotBytes.Of((byte[])[.. bytes, 0])));
    }

    [Fact]
    public void Parts_with_inconsistent_lengths_are_not_written()
    {
        Assert.Throws<ArgumentException>(() => SmallModels.Bytes(Rich with { Factors = [] }));
        Assert.Throws<ArgumentException>(() => SmallModels.Bytes(Rich with { FoldIn = null }));
        Assert.Throws<ArgumentException>(() => SmallModels.Bytes(Rich with { Items = [new("b"), new("a"), new("c")] }));
        Assert.Throws<ArgumentException>(() => SmallModels.Bytes(Rich with { Similar = new([0, 1], [1], [1]) }));
        Assert.Throws<CorruptModelException>(
            () => SmallModels.Snapshot(Rich with { Similar = new([0, 1, 1, 1], [3], [1]) }));
    }

    [Fact]
    public void The_bytes_of_version_1_stay_readable_and_stay_the_same()
    {
        string path = Path.Combine(AppContext.BaseDirectory, "Models", "snapshot-v1.golden");
        byte[] golden = File.ReadAllBytes(path);

        Assert.Equal(golden, SmallModels.Bytes(Rich));
        using ModelSnapshot model = ModelSnapshot.Open(SnapshotBytes.Of(golden));
        Assert.Equal("ü/😀", model.ItemAt(2).Value);
        Assert.Equal([0.25f, -0.25f], model.OperatorOf(0).Scores.ToArray());
    }

    [Fact]
    public void A_card_reads_back_what_was_written()
    {
        ModelCard card = new()
        {
            Algorithm = "ials",
            Parent = new ModelVersion("1"),
            Lineage = [new("1"), new("0")],
            Watermark = new(2, [5, -1]),
            NewestInteractionMs = 77,
            Seed = ulong.MaxValue,
            ItemCount = 3,
            UserCount = 4,
            InteractionCount = 5,
            Verdict = "not worse",
            Installation = InstallationId.TryParse("0123456789abcdef0123456789abcdef", out InstallationId id) ? id : null,
            Parameters = Rich.Card.Parameters.Add("alpha", 0.1),
            Metrics = Rich.Card.Metrics.Add("ndcg@10", 1.0 / 3),
        };
        using ModelSnapshot model = SmallModels.Snapshot(Rich with { Card = card });

        Assert.Equal(card.Lineage, model.Card.Lineage);
        Assert.Equal(card.Parameters, model.Card.Parameters);
        Assert.Equal(card.Metrics, model.Card.Metrics);
        Assert.Equal(
            card with { Lineage = [], Parameters = Rich.Card.Parameters, Metrics = Rich.Card.Metrics },
            model.Card with { Lineage = [], Parameters = Rich.Card.Parameters, Metrics = Rich.Card.Metrics });
    }
}

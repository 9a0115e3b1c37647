using System.Text;
using RecSys.Core.Erasures;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Erasures;

public sealed class StoredErasureTests
{
    private static readonly StoredErasure Erasure = new(
        new Owner(Enumerable.Range(0, Owner.SizeBytes).Select(number => (byte)number).ToArray()), [new("log", "", 3, 1_000), new("cached slates", "akka.tcp://recsys@10.0.0.1:4053", 1, 2_000)]);

    [Fact]
    public void An_erasure_is_read_as_it_was_written()
    {
        StoredErasure read = StoredErasure.Decode(Erasure.Encode())!;

        Assert.Equal(Erasure.Owner, read.Owner);
        Assert.Equal(Erasure.Places, read.Places);
    }

    [Fact]
    public void An_erasure_and_an_acknowledgement_are_laid_out_as_in_version_1()
    {
        Assert.StartsWith(
            $"1\n{Erasure.Owner}\nlog\n\n3\n1000\ncached slates\nakka.tcp://recsys@10.0.0.1:4053\n1\n2000\n", Encoding.ASCII.GetString(Erasure.Encode()), StringComparison.Ordinal);
        LogPosition position = LogPosition.Of(new RecordPosition(0, 0, 7));
        Assert.StartsWith($"1\n{position}\n5\n", Encoding.ASCII.GetString(new NodeErasures("a", position, 5).Encode()), StringComparison.Ordinal);
        Assert.Equal("erasure/at/0000000002/0000000000000000007", StoredErasure.KeyOf(new RecordPosition(2, 0, 7)));
    }

    [Fact]
    public void The_places_of_a_node_replace_those_before()
    {
        StoredErasure again = Erasure.With("", [new("log", "", 0, 3_000), new("states", "", 1, 3_000)]);

        Assert.Equal(["cached slates", "log", "states"], again.Places.Select(place => place.Place));
        Assert.Equal(3_000, again.Places[1].DoneAtMs);
    }

    [Fact]
    public void A_damaged_erasure_is_none_and_a_damaged_acknowledgement_acknowledges_none()
    {
        byte[] erasure = Erasure.Encode();
        byte[] node = new NodeErasures("a", LogPosition.Of(new RecordPosition(0, 0, 7)), 5).Encode();
        Assert.Equal(LogPosition.Of(new RecordPosition(0, 0, 7)), NodeErasures.Decode("erasure/node/a", node).Position);
        Assert.Equal("a", NodeErasures.Decode("erasure/node/a", node).Node);
        Assert.Equal(LogPosition.Start, NodeErasures.Decode("erasure/node/a", new NodeErasures("a", LogPosition.Start, 5).Encode()).Position);
        for (int at = 0; at < erasure.Length; at++)
        {
            byte[] damaged = [.. erasure];
            damaged[at] ^= 0x10;
            Assert.Null(StoredErasure.Decode(damaged));
        }

        for (int at = 0; at < node.Length; at++)
        {
            byte[] damaged = [.. node];
            damaged[at] ^= 0x10;
            Assert.Equal(LogPosition.Start, NodeErasures.Decode("erasure/node/a", damaged).Position);
        }
    }
}

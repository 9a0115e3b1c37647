using System.Text;
using Akka.Actor;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Folds;
using RecSys.Speed.Ingest;
using RecSys.Speed.Nodes;
using RecSys.Speed.Serialization;
using RecSys.Speed.Users;
using Xunit;

namespace RecSys.Speed.Tests.Serialization;

public sealed class SpeedSerializerTests() : Akka.TestKit.Xunit.TestKit("akka.loglevel = OFF")
{
    private static readonly Owner Ada = SpeedNode.Hash.Of(new UserId("ada"));

    public static TheoryData<string> Messages => [.. All().Keys];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Every_message_is_read_back_unchanged(string name)
    {
        SpeedSerializer serializer = new((ExtendedActorSystem)Sys);
        object message = All()[name];

        byte[] bytes = serializer.ToBinary(message);
        object read = serializer.FromBinary(bytes, serializer.Manifest(message));

        Assert.Equal(message.GetType(), read.GetType());
        Assert.Equal(bytes, serializer.ToBinary(read));
    }

    /// <summary>A node of a rolling upgrade sends and reads what nodes of this version do: a message is added with a new manifest, never changed.</summary>
    [Fact]
    public void The_bytes_of_messages_are_those_of_the_first_version_that_sent_them()
    {
        SpeedSerializer serializer = new((ExtendedActorSystem)Sys);
        string golden = Path.Combine(AppContext.BaseDirectory, "Serialization", "messages.golden");
        string[] saved = File.ReadAllLines(golden);

        string[] now = [.. All().Select(message => $"{message.Key} {serializer.Manifest(message.Value)} {Convert.ToHexStringLower(serializer.ToBinary(message.Value))}")];

        Assert.True(saved.SequenceEqual(now), $"these are the messages now:\n{string.Join('\n', now)}");
        foreach (string[] line in saved.Select(line => line.Split(' ')))
        {
            byte[] bytes = Convert.FromHexString(line[2]);
            Assert.Equal(bytes, serializer.ToBinary(serializer.FromBinary(bytes, line[1])));
        }
    }

    [Fact]
    public void A_type_that_is_not_a_message_of_the_layer_is_refused()
    {
        SpeedSerializer serializer = new((ExtendedActorSystem)Sys);

        Assert.Throws<ArgumentException>(() => serializer.Manifest("text"));
        Assert.Throws<ArgumentException>(() => serializer.FromBinary([], "nothing"));
    }

    private static Dictionary<string, object> All() => new object[]
    {
        new Take(Ada, 1, 2, 3, 4, 5, new[] { new LogEntry(6, Encoding.UTF8.GetBytes("record")) }),
        new Taken(Ada, 1, 2, 3, 4, 5),
        new Gap(Ada, 1, 2, 3, 4, 5),
        new Saved(Ada, 1, 2, 3),
        new UserQueries.GetProfile(Ada, [new RecordPosition(1, 2, 3), new RecordPosition(1, 3, 4)], VerifyRevision: true),
        new UserQueries.AwaitErased(Ada, new LogPosition(1, [5, -1, 7])),
        new UserQueries.AwaitSaved(Ada, new RecordPosition(1, 2, 77)),
        new UserReplies.Profile(UserProfile.Empty),
        new UserReplies.Unavailable("away"),
        UserReplies.Erased.Instance,
        new IngestCommands.Run(3),
        new IngestCommands.GetSent(3, Ada, 99),
        new IngestReplies.Sent(-1, IsKnown: false),
        new IngestCommands.ProbeAgain(3, Ada),
        new IngestCommands.StatesReplaced(3, IsCheckpointReplaced: true),
        IngestReplies.UsersCheck.Instance,
        new TrendsRebuilder.Rebuild("7f"),
        new TrendsRebuilder.State(0.25, IsOver: true, "the log is away"),
        new TrendsRebuilder.Cancel("7f"),
        new LagReport([new PartitionLag(3, 0), new PartitionLag(7, 1_234.5)]),
        NodeMessages.GetReport.Instance,
        new NodeMessages.Reported(new NodeReport
        {
            IsReady = true,
            Version = "1.2.3",
            StartedAtMs = 5,
            Model = "20260504-120000-1",
            ModelProblem = "damaged",
            Shards = 86,
            Partitions = [new HostedPartition(3, 12, new PartitionProgress(3, 9, 8, 7, 6.5, 4) { Fault = "stopped" }), new HostedPartition(5, 1, null)],
        }),
        NodeMessages.Drain.Instance,
        NodeMessages.Draining.Instance,
    }.ToDictionary(message => message.GetType().Name);
}

using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Akka.Actor;
using Akka.Serialization;
using RecSys.Actors.Serialization;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Users;
using RecSys.Speed.Folds;
using RecSys.Speed.Ingest;
using RecSys.Speed.Nodes;
using RecSys.Speed.Users;

namespace RecSys.Speed.Serialization;

/// <summary>Encodes the messages of the speed layer that are sent between nodes.</summary>
/// <remarks>
/// The messages of the ingestion protocol have their own codec (manifest <c>i</c>). Integers are little-endian. The layout of a
/// manifest never changes: a new layout gets a new manifest, and this class still reads the old one.
/// </remarks>
internal sealed class SpeedSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string Protocol = "i";
    private const string GetProfile = "gp";
    private const string GetVerifiedProfile = "gs+";
    private const string AwaitErased = "ae";
    private const string AwaitSaved = "as";
    private const string Profile = "p";
    private const string Unavailable = "u";
    private const string Erased = "e";
    private const string Run = "r";
    private const string GetSent = "gs";
    private const string ProbeAgain = "re";
    private const string Sent = "s";
    private const string SentUnknown = "s?";
    private const string Lags = "lg";
    private const string StatesReplaced = "sr";
    private const string CheckpointReplaced = "sr+";
    private const string UsersCheck = "uc";
    private const string RebuildTrends = "rt";
    private const string TrendsState = "ts";
    private const string CancelTrends = "ct";
    private const int TrendsStateBytes = sizeof(long) + sizeof(int);
    private const string GetReport = "ng";
    private const string Reported = "nr";
    private const string Drain = "nd";
    private const string Draining = "na";
    private const int LagBytes = sizeof(int) + sizeof(double);
    private const int RecordPositionBytes = (2 * sizeof(int)) + sizeof(long);

    /// <summary>Gets the registration of the serializer.</summary>
    public static MessageSerializer Registration { get; } = new(
        "recsys-speed",
        system => new SpeedSerializer(system),
        [
            typeof(Take), typeof(TakeAnswer), typeof(Saved),
            typeof(UserQueries.GetProfile), typeof(UserQueries.AwaitErased), typeof(UserQueries.AwaitSaved),
            typeof(UserReplies.Profile), typeof(UserReplies.Unavailable), typeof(UserReplies.Erased),
            typeof(IngestCommands.Run), typeof(IngestCommands.GetSent), typeof(IngestCommands.ProbeAgain),
            typeof(IngestCommands.StatesReplaced), typeof(IngestReplies.UsersCheck),
            typeof(TrendsRebuilder.Rebuild), typeof(TrendsRebuilder.State), typeof(TrendsRebuilder.Cancel),
            typeof(IngestReplies.Sent), typeof(LagReport),
            typeof(NodeMessages.GetReport), typeof(NodeMessages.Reported), typeof(NodeMessages.Drain), typeof(NodeMessages.Draining),
        ]);

    /// <summary>Gets the number by which nodes find this serializer. It is sent with each message and never changes.</summary>
    public override int Identifier => 7_701;

    public override string Manifest(object o) => o switch
    {
        Take or TakeAnswer or Saved => Protocol,
        UserQueries.GetProfile get => get.VerifyRevision ? GetVerifiedProfile : GetProfile,
        UserQueries.AwaitErased => AwaitErased,
        UserQueries.AwaitSaved => AwaitSaved,
        UserReplies.Profile => Profile,
        UserReplies.Unavailable => Unavailable,
        UserReplies.Erased => Erased,
        IngestCommands.Run => Run,
        IngestCommands.GetSent => GetSent,
        IngestCommands.ProbeAgain => ProbeAgain,
        IngestReplies.Sent sent => sent.IsKnown ? Sent : SentUnknown,
        LagReport => Lags,
        IngestCommands.StatesReplaced replaced => replaced.IsCheckpointReplaced ? CheckpointReplaced : StatesReplaced,
        IngestReplies.UsersCheck => UsersCheck,
        TrendsRebuilder.Rebuild => RebuildTrends,
        TrendsRebuilder.State => TrendsState,
        TrendsRebuilder.Cancel => CancelTrends,
        NodeMessages.GetReport => GetReport,
        NodeMessages.Reported => Reported,
        NodeMessages.Drain => Drain,
        NodeMessages.Draining => Draining,
        _ => throw new ArgumentException($"{o.GetType()} is not a message of the speed layer", nameof(o)),
    };

    public override byte[] ToBinary(object obj)
    {
        ArrayBufferWriter<byte> bytes = new(64);
        switch (obj)
        {
            case Take take:
                IngestionCodec.Encode(take, bytes);
                break;
            case TakeAnswer answer:
                IngestionCodec.Encode(answer, bytes);
                break;
            case Saved saved:
                IngestionCodec.Encode(saved, bytes);
                break;
            case UserQueries.GetProfile get:
                Write(bytes, get.Owner);
                foreach (RecordPosition wanted in get.Wanted)
                {
                    Write(bytes, wanted);
                }

                break;
            case UserQueries.AwaitErased erased:
                Write(bytes, erased.Owner);
                Write(bytes, erased.UpTo.ToString());
                break;
            case UserQueries.AwaitSaved saved:
                Write(bytes, saved.Owner);
                Write(bytes, saved.Record);
                break;
            case UserReplies.Profile profile:
                return UserProfileCodec.Encode(profile.Value);
            case UserReplies.Unavailable unavailable:
                Write(bytes, unavailable.Reason);
                break;
            case IngestCommands.GetSent get:
                Write(bytes, get.Partition);
                Write(bytes, get.Owner);
                Write(bytes, get.Offset);
                break;
            case IngestCommands.ProbeAgain probe:
                Write(bytes, probe.Partition);
                Write(bytes, probe.Owner);
                break;
            case IIngestMessage message:
                Write(bytes, message.Partition);
                break;
            case TrendsRebuilder.Rebuild rebuild:
                Write(bytes, rebuild.Id);
                break;
            case TrendsRebuilder.Cancel cancel:
                Write(bytes, cancel.Id);
                break;
            case TrendsRebuilder.State state:
                Write(bytes, BitConverter.DoubleToInt64Bits(state.Done));
                Write(bytes, state.IsOver ? 1 : 0);
                Write(bytes, state.Problem ?? "");
                break;
            case IngestReplies.Sent sent:
                Write(bytes, sent.Offset);
                break;
            case LagReport report:
                foreach (PartitionLag lag in report.Lags)
                {
                    Write(bytes, lag.Partition);
                    Write(bytes, BitConverter.DoubleToInt64Bits(lag.LagMs));
                }

                break;
            case NodeMessages.Reported reported:
                return JsonSerializer.SerializeToUtf8Bytes(reported.Report, NodeJsonContext.Default.NodeReport);
            default:
                break; // the message has no fields
        }

        return bytes.WrittenSpan.ToArray();
    }

    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        Protocol => IngestionCodec.Decode(bytes),
        GetProfile or GetVerifiedProfile => new UserQueries.GetProfile(
            new Owner(bytes), ReadWanted(bytes.AsSpan(Owner.SizeBytes)), VerifyRevision: manifest == GetVerifiedProfile),
        AwaitErased => new UserQueries.AwaitErased(new Owner(bytes), ReadPosition(bytes.AsSpan(Owner.SizeBytes))),
        AwaitSaved => new UserQueries.AwaitSaved(new Owner(bytes), ReadRecord(bytes.AsSpan(Owner.SizeBytes))),
        Profile => new UserReplies.Profile(UserProfileCodec.Decode(bytes)),
        Unavailable => new UserReplies.Unavailable(Encoding.UTF8.GetString(bytes)),
        Erased => UserReplies.Erased.Instance,
        Run => new IngestCommands.Run(ReadInt32(bytes)),
        GetSent => new IngestCommands.GetSent(ReadInt32(bytes), new Owner(bytes.AsSpan(sizeof(int))), ReadInt64(bytes.AsSpan(sizeof(int) + Owner.SizeBytes))),
        ProbeAgain => new IngestCommands.ProbeAgain(ReadInt32(bytes), new Owner(bytes.AsSpan(sizeof(int)))),
        Lags => new LagReport(ReadLags(bytes)),
        StatesReplaced or CheckpointReplaced => new IngestCommands.StatesReplaced(ReadInt32(bytes), IsCheckpointReplaced: manifest == CheckpointReplaced),
        UsersCheck => IngestReplies.UsersCheck.Instance,
        RebuildTrends => new TrendsRebuilder.Rebuild(Encoding.UTF8.GetString(bytes)),
        TrendsState => new TrendsRebuilder.State(
            BitConverter.Int64BitsToDouble(ReadInt64(bytes)),
            ReadInt32(bytes.AsSpan(sizeof(long))) != 0,
            bytes.Length > TrendsStateBytes ? Encoding.UTF8.GetString(bytes.AsSpan(TrendsStateBytes)) : null),
        CancelTrends => new TrendsRebuilder.Cancel(Encoding.UTF8.GetString(bytes)),
        GetReport => NodeMessages.GetReport.Instance,
        Reported => new NodeMessages.Reported(ReadReport(bytes)),
        Drain => NodeMessages.Drain.Instance,
        Draining => NodeMessages.Draining.Instance,
        Sent or SentUnknown => new IngestReplies.Sent(ReadInt64(bytes), IsKnown: manifest == Sent),
        _ => throw new ArgumentException($"manifest '{manifest}' is not a message of the speed layer", nameof(manifest)),
    };

    private static ImmutableArray<RecordPosition> ReadWanted(ReadOnlySpan<byte> bytes)
    {
        ImmutableArray<RecordPosition>.Builder wanted = ImmutableArray.CreateBuilder<RecordPosition>(bytes.Length / RecordPositionBytes);
        for (; bytes.Length >= RecordPositionBytes; bytes = bytes[RecordPositionBytes..])
        {
            wanted.Add(ReadRecord(bytes));
        }

        return wanted.MoveToImmutable();
    }

    private static ImmutableArray<PartitionLag> ReadLags(ReadOnlySpan<byte> bytes)
    {
        ImmutableArray<PartitionLag>.Builder lags = ImmutableArray.CreateBuilder<PartitionLag>(bytes.Length / LagBytes);
        for (; bytes.Length >= LagBytes; bytes = bytes[LagBytes..])
        {
            lags.Add(new PartitionLag(ReadInt32(bytes), BitConverter.Int64BitsToDouble(ReadInt64(bytes[sizeof(int)..]))));
        }

        return lags.MoveToImmutable();
    }

    private static NodeReport ReadReport(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize(bytes, NodeJsonContext.Default.NodeReport) ?? throw new InvalidDataException("a node's report is null");

    private static RecordPosition ReadRecord(ReadOnlySpan<byte> bytes) =>
        new(ReadInt32(bytes), ReadInt32(bytes[sizeof(int)..]), ReadInt64(bytes[(2 * sizeof(int))..]));

    private static LogPosition ReadPosition(ReadOnlySpan<byte> bytes) =>
        LogPosition.TryParse(Encoding.UTF8.GetString(bytes), out LogPosition? position)
            ? position
            : throw new InvalidDataException("the log position of a message is not valid");

    private static int ReadInt32(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);

    private static long ReadInt64(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt64LittleEndian(bytes);

    private static void Write(ArrayBufferWriter<byte> bytes, Owner owner)
    {
        owner.WriteTo(bytes.GetSpan(Owner.SizeBytes));
        bytes.Advance(Owner.SizeBytes);
    }

    private static void Write(ArrayBufferWriter<byte> bytes, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(bytes.GetSpan(sizeof(int)), value);
        bytes.Advance(sizeof(int));
    }

    private static void Write(ArrayBufferWriter<byte> bytes, long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(bytes.GetSpan(sizeof(long)), value);
        bytes.Advance(sizeof(long));
    }

    private static void Write(ArrayBufferWriter<byte> bytes, RecordPosition record)
    {
        Write(bytes, record.Epoch);
        Write(bytes, record.Partition);
        Write(bytes, record.Offset);
    }

    private static void Write(ArrayBufferWriter<byte> bytes, string text) => Encoding.UTF8.GetBytes(text, bytes);
}

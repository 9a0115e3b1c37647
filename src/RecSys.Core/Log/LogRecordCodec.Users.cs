using System.Collections.Immutable;
using System.Text;

namespace RecSys.Core.Log;

public sealed partial class LogRecordCodec
{
    private const byte HasLocation = 1;
    private const byte HasDevice = 2;
    private const byte HasTime = 4;

    private const byte IsPatch = 1;
    private const byte HasConsent = 2;
    private const byte ConsentIsGiven = 4;

    /// <summary>Writes labels: their number, then names and values.</summary>
    internal static void Write(ref ByteWriter writer, ImmutableSortedDictionary<string, string> labels)
    {
        writer.Count(labels.Count);
        foreach ((string name, string value) in labels)
        {
            writer.Text(name, Limits.TextBytesMax, "a label's name");
            writer.Text(value, Limits.TextBytesMax, "a label's value");
        }
    }

    internal static ImmutableSortedDictionary<string, string> ReadLabels(ref ByteReader reader)
    {
        int count = reader.Count(Limits.LabelsMax);
        if (count == 0)
        {
            return NoLabels;
        }

        ImmutableSortedDictionary<string, string>.Builder labels = NoLabels.ToBuilder();
        for (int i = 0; i < count && !reader.IsBroken; i++)
        {
            string name = reader.String(Limits.TextBytesMax);
            if (!labels.TryAdd(name, reader.String(Limits.TextBytesMax)))
            {
                reader.Break();
            }
        }

        return labels.ToImmutable();
    }

    internal static ImmutableSortedDictionary<string, string> NoLabels { get; } =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>Returns the size of labels in bytes; throws if there are too many.</summary>
    internal static long LabelsSize(ImmutableSortedDictionary<string, string> labels)
    {
        if (labels.Count > Limits.LabelsMax)
        {
            throw new ArgumentException($"there are {labels.Count} labels; at most {Limits.LabelsMax} are allowed");
        }

        long size = 0;
        foreach ((string name, string value) in labels)
        {
            size += Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value) + 4;
        }

        return size;
    }

    /// <summary>Throws if the lists of a record make it larger than a record may be.</summary>
    private static void RequireSize(long size, int bytesMax)
    {
        const int RestMax = 4_096; // ids, numbers and flags
        if (size > bytesMax - RestMax)
        {
            throw new ArgumentException($"the record has {size} bytes; at most {bytesMax - RestMax} are allowed");
        }
    }

    private static void RequireId(string text, string what)
    {
        if (IdText.StoredProblem(text) is { } problem)
        {
            throw new ArgumentException($"{what} {problem}");
        }
    }

    private static void Require(LogRecord.Interaction record)
    {
        if (InteractionTypeCode.Of(record.Type) == InteractionTypeCode.Spelled)
        {
            RequireId(record.Type, "the interaction's type");
        }

        if (record.Value is { } value && !double.IsFinite(value))
        {
            throw new ArgumentException("the interaction's value is not finite");
        }

        if (record.Id is { } id)
        {
            RequireId(id, "the interaction's id");
        }

        if (record.RecommendationId is { } recommendation)
        {
            RequireId(recommendation, "the recommendation's id");
        }

        if (record.Context is { } context)
        {
            if (context.SessionFeatures.Count > Limits.LabelsMax)
            {
                throw new ArgumentException($"there are {context.SessionFeatures.Count} session features; at most {Limits.LabelsMax} are allowed");
            }

            foreach ((string name, double feature) in context.SessionFeatures)
            {
                if (!double.IsFinite(feature))
                {
                    throw new ArgumentException($"the session feature '{name}' is not finite");
                }
            }
        }
    }

    private static void Write(ref ByteWriter writer, UserId user) => writer.Text(user.Value, Limits.IdBytesMax, "the user's id");

    private static UserId ReadUser(ref ByteReader reader) => UserId.FromChecked(Encoding.UTF8.GetString(reader.Id()));

    private static LogRecord.Interaction ReadInteraction(ref ByteReader reader, LogRecordHead head)
    {
        UserId user = ReadUser(ref reader);
        InteractionPayload body = InteractionPayload.Read(ref reader);
        return new LogRecord.Interaction(user, ItemId.FromChecked(Encoding.UTF8.GetString(body.Item)), body.TypeName(), head.TimestampMs)
        {
            Value = body.Value,
            Id = InteractionPayload.TextOrNull(body.Id),
            RecommendationId = InteractionPayload.TextOrNull(body.RecommendationId),
            Context = (body.Flags & InteractionPayload.HasContext) != 0 ? ReadContext(ref reader) : null,
        };
    }

    private static void Write(ref ByteWriter writer, InteractionContext context)
    {
        writer.Byte((byte)(
            (context.Location is null ? 0 : HasLocation)
            | (context.Device is null ? 0 : HasDevice)
            | (context.Time is null ? 0 : HasTime)));
        if (context.Location is { } location)
        {
            writer.Text(location, Limits.TextBytesMax, "context.location");
        }

        if (context.Device is { } device)
        {
            writer.Text(device, Limits.TextBytesMax, "context.device");
        }

        if (context.Time is { } time)
        {
            writer.Text(time, Limits.TextBytesMax, "context.time");
        }

        writer.Count(context.SessionFeatures.Count);
        foreach ((string name, double value) in context.SessionFeatures)
        {
            writer.Text(name, Limits.IdBytesMax, "a session feature's name");
            writer.Double(value);
        }
    }

    private static InteractionContext ReadContext(ref ByteReader reader)
    {
        byte flags = reader.Byte();
        if (flags > (HasLocation | HasDevice | HasTime))
        {
            reader.Break();
        }

        InteractionContext context = new()
        {
            Location = (flags & HasLocation) != 0 ? reader.String(Limits.TextBytesMax) : null,
            Device = (flags & HasDevice) != 0 ? reader.String(Limits.TextBytesMax) : null,
            Time = (flags & HasTime) != 0 ? reader.String(Limits.TextBytesMax) : null,
        };
        int count = reader.Count(Limits.LabelsMax);
        if (count == 0)
        {
            return context;
        }

        ImmutableSortedDictionary<string, double>.Builder features = context.SessionFeatures.ToBuilder();
        for (int i = 0; i < count && !reader.IsBroken; i++)
        {
            string name = reader.String(Limits.IdBytesMax);
            if (!features.TryAdd(name, reader.Finite()))
            {
                reader.Break();
            }
        }

        return context with { SessionFeatures = features.ToImmutable() };
    }

    private static void Write(ref ByteWriter writer, LogRecord.UserChanged changed)
    {
        writer.Byte((byte)(
            (changed.IsPatch ? IsPatch : 0)
            | (changed.Consent is null ? 0 : HasConsent)
            | (changed.Consent is true ? ConsentIsGiven : 0)));
        Write(ref writer, changed.Labels);
    }

    private static LogRecord.UserChanged ReadUserChanged(ref ByteReader reader, LogRecordHead head)
    {
        UserId user = ReadUser(ref reader);
        byte flags = reader.Byte();
        if (flags > (IsPatch | HasConsent | ConsentIsGiven) || (flags & (HasConsent | ConsentIsGiven)) == ConsentIsGiven)
        {
            reader.Break();
        }

        bool? consent = (flags & HasConsent) != 0 ? (flags & ConsentIsGiven) != 0 : null;
        return new LogRecord.UserChanged(user, ReadLabels(ref reader), consent, (flags & IsPatch) != 0, head.TimestampMs);
    }
}

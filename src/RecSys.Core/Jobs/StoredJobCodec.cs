using System.Buffers;
using System.Collections.Immutable;
using System.Text.Unicode;
using RecSys.Core.Log;

namespace RecSys.Core.Jobs;

/// <summary>The bytes of a <see cref="StoredJob"/> in the control store.</summary>
/// <remarks>
/// A version byte (1); id, kind and state; two bits: whether a caller requested the job (1), and whether its cancellation was requested (2); starts, runner, creation time; progress, and the optional fields, each after a byte that is 1 if it is set:
/// stage, message, start, end, node, model version, result (id, size, expiry); the parameters and metrics, each with its number; then the XXH3 of all these bytes. Texts and numbers as <c>ByteWriter</c> writes them.
/// </remarks>
public static class StoredJobCodec
{
    private const byte Version = 1;
    private const byte AskedBit = 1;
    private const byte CancelBit = 2;
    private const int TextBytesMax = 8_192;
    private const int CountMax = 4_096;

    /// <summary>Writes a job; a text is cut after 8,192 bytes, and metrics that do not fit into a row are left out, which the message says.</summary>
    public static byte[] Encode(StoredJob job)
    {
        ArgumentNullException.ThrowIfNull(job);
        byte[] bytes = Encode(job, job.Status.Metrics);
        if (bytes.Length > Limits.ControlValueBytesMax)
        {
            string message = $"{job.Status.Message}; its {job.Status.Metrics.Count} metrics exceed {nameof(Limits.ControlValueBytesMax)} = {Limits.ControlValueBytesMax} bytes and are left out";
            bytes = Encode(job with { Status = job.Status with { Message = message } }, ImmutableSortedDictionary<string, double>.Empty);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Encode(StoredJob)"/> wrote.</summary>
    /// <exception cref="CorruptRecordException">The bytes differ from the written ones.</exception>
    /// <exception cref="NotSupportedException">A newer program wrote them.</exception>
    public static StoredJob Decode(ReadOnlySpan<byte> bytes)
    {
        ByteReader reader = new(Checksummed.Open(bytes, "a job"));
        byte version = reader.Byte();
        if (version > Version)
        {
            throw new NotSupportedException($"a job was saved in version {version}, and this program supports versions up to {Version}: upgrade this node");
        }

        string id = reader.String(TextBytesMax);
        JobKind kind = (JobKind)reader.Byte();
        JobState state = (JobState)reader.Byte();
        byte bits = reader.Byte();
        int starts = reader.Count(int.MaxValue);
        string runner = reader.String(TextBytesMax);
        long createdAtMs = reader.ZigZag();
        double progress = reader.Finite();
        string? stage = TextIn(ref reader);
        string? message = TextIn(ref reader);
        long? startedAtMs = TimeIn(ref reader);
        long? finishedAtMs = TimeIn(ref reader);
        string? node = TextIn(ref reader);
        string? modelVersion = TextIn(ref reader);
        JobResult? result = reader.Byte() == 0 ? null : new JobResult(reader.String(TextBytesMax), reader.ZigZag(), reader.ZigZag());
        ImmutableSortedDictionary<string, string>.Builder parameters = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (int left = reader.Count(CountMax); left > 0 && !reader.IsBroken; left--)
        {
            parameters[reader.String(TextBytesMax)] = reader.String(TextBytesMax);
        }

        ImmutableSortedDictionary<string, double>.Builder metrics = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        for (int left = reader.Count(CountMax); left > 0 && !reader.IsBroken; left--)
        {
            metrics[reader.String(TextBytesMax)] = reader.Double();
        }

        reader.SkipAddedFields();
        reader.RequireDone("a job");
        if (!Enum.IsDefined(kind) || !Enum.IsDefined(state))
        {
            throw new CorruptRecordException("the bytes of a job are corrupt");
        }

        JobStatus status = new(id, kind, state)
        {
            Progress = progress,
            Stage = stage,
            Message = message,
            StartedAtMs = startedAtMs,
            FinishedAtMs = finishedAtMs,
            Node = node,
            ModelVersion = modelVersion,
            Result = result,
            Metrics = metrics.ToImmutable(),
        };
        return new StoredJob(new JobRequest(kind, parameters.ToImmutable()), status)
        {
            CreatedAtMs = createdAtMs,
            IsAsked = (bits & AskedBit) != 0,
            IsCancelRequested = (bits & CancelBit) != 0,
            Starts = starts,
            Runner = runner,
        };
    }

    private static byte[] Encode(StoredJob job, ImmutableSortedDictionary<string, double> metrics)
    {
        JobStatus status = job.Status;
        ArrayBufferWriter<byte> into = new();
        ByteWriter writer = new(into);
        writer.Byte(Version);
        Text(ref writer, status.Id);
        writer.Byte((byte)status.Kind);
        writer.Byte((byte)status.State);
        writer.Byte((byte)((job.IsAsked ? AskedBit : 0) | (job.IsCancelRequested ? CancelBit : 0)));
        writer.Count(job.Starts);
        Text(ref writer, job.Runner);
        writer.ZigZag(job.CreatedAtMs);
        writer.Double(status.Progress);
        Put(ref writer, status.Stage);
        Put(ref writer, status.Message);
        Put(ref writer, status.StartedAtMs);
        Put(ref writer, status.FinishedAtMs);
        Put(ref writer, status.Node);
        Put(ref writer, status.ModelVersion);
        writer.Byte((byte)(status.Result is null ? 0 : 1));
        if (status.Result is { } result)
        {
            Text(ref writer, result.Id);
            writer.ZigZag(result.SizeBytes);
            writer.ZigZag(result.ExpiresAtMs);
        }

        writer.Count(job.Request.Parameters.Count);
        foreach ((string name, string value) in job.Request.Parameters)
        {
            Text(ref writer, name);
            Text(ref writer, value);
        }

        writer.Count(metrics.Count);
        foreach ((string name, double value) in metrics)
        {
            Text(ref writer, name);
            writer.Double(value);
        }

        writer.Flush();
        return Checksummed.Seal(into.WrittenSpan);
    }

    private static void Put(ref ByteWriter writer, string? text)
    {
        writer.Byte((byte)(text is null ? 0 : 1));
        if (text is not null)
        {
            Text(ref writer, text);
        }
    }

    // A message may be an exception's: it may be long, or not be valid Unicode.
    private static void Text(ref ByteWriter writer, string text)
    {
        byte[] utf8 = new byte[TextBytesMax];
        Utf8.FromUtf16(text, utf8, out _, out int written);
        writer.Text(utf8.AsSpan(0, written));
    }

    private static void Put(ref ByteWriter writer, long? time)
    {
        writer.Byte((byte)(time is null ? 0 : 1));
        if (time is { } ms)
        {
            writer.ZigZag(ms);
        }
    }

    private static string? TextIn(ref ByteReader reader) => reader.Byte() == 0 ? null : reader.String(TextBytesMax);

    private static long? TimeIn(ref ByteReader reader) => reader.Byte() == 0 ? null : reader.ZigZag();
}

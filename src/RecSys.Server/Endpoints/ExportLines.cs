using System.Buffers;
using System.Collections.Immutable;
using System.IO.Pipelines;
using System.Text.Encodings.Web;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Users;
using RecSys.Server.Bodies;

namespace RecSys.Server.Endpoints;

/// <summary>Writes all data of one person as lines, each as soon as it is read.</summary>
internal sealed class ExportLines(PipeWriter output, IInteractionLog log, IImpressionLog? impressions) : IDisposable
{
    /// <summary>The media type of lines of JSON.</summary>
    public const string MediaType = "application/x-ndjson";

    private const int ChunkMax = 2_000;

    /// <summary>Number of bytes that are written before they are sent; a single line may be longer.</summary>
    private const int UnsentBytesMax = 65_536;

    private readonly Utf8JsonWriter _json = new(
        output, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    private readonly Dictionary<Owner, string> _merged = [];

    /// <summary>Writes the lines.</summary>
    /// <param name="user">Id of the person whose data is exported.</param>
    /// <param name="reading">The profile and the users merged into it.</param>
    /// <param name="owners">The person's owner and those of merged users.</param>
    /// <param name="ranges">Offsets of the log to read.</param>
    /// <param name="cancellationToken">Cancels the export between two reads.</param>
    public async Task WriteAsync(
        UserId user, ProfileReading reading, ImmutableArray<Owner> owners, LogRange[] ranges, CancellationToken cancellationToken)
    {
        long records = 0;
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            using ILogReader reader = log.OpenReader(partition, ranges[partition].Start);
            for (long next = reader.Next; next < ranges[partition].End; next = reader.Next)
            {
                LogChunk chunk = await reader.ReadAsync(ChunkMax, cancellationToken).ConfigureAwait(false);
                if (chunk.Next == next)
                {
                    break;
                }

                records += await WriteRecordsAsync(chunk, owners, reading.Profile.ErasedUpTo, cancellationToken).ConfigureAwait(false);
            }
        }

        // After the records: a profile has only the owners of merged users; the records of the merges have their ids.
        WriteProfile(user, reading);
        long slates = 0;
        foreach (Owner owner in impressions is null ? [] : owners)
        {
            await impressions!.FlushAsync(cancellationToken).ConfigureAwait(false);
            await foreach (SlateImpression slate in impressions.ReadAsync(owner, cancellationToken).ConfigureAwait(false))
            {
                WriteImpression(slate);
                slates++;
                await FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        Begin("end");
        _json.WriteNumber("records"u8, records);
        _json.WriteNumber("impressions"u8, slates);
        End();
        await output.FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose() => _json.Dispose();

    private void Begin(string kind)
    {
        _json.WriteStartObject();
        _json.WriteString("kind"u8, kind);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        output.Write("\n"u8);
    }

    private void WriteProfile(UserId user, ProfileReading reading)
    {
        UserProfile profile = reading.Profile;
        Begin("profile");
        _json.WriteString("userId"u8, user.Value);
        ItemJson.WriteLabels(_json, profile.Labels);
        if (profile.Consent is { } consent)
        {
            _json.WriteBoolean("consent"u8, consent);
        }

        ItemJson.WriteTexts(_json, "mergedFrom"u8, [.. reading.MergedOwners.Select(owner => _merged.GetValueOrDefault(owner)).OfType<string>()]);
        _json.WriteNumber("interactionsHeld"u8, profile.Count);
        _json.WriteString("position"u8, profile.Position.ToString());
        End();
    }

    /// <summary>Flushes the buffer once it is large, and waits for the reader.</summary>
    private async ValueTask FlushIfFullAsync(CancellationToken cancellationToken)
    {
        if (output.UnflushedBytes >= UnsentBytesMax)
        {
            await output.FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Up to erasedUpTo an earlier person with the same id was erased: a log that cannot remove records still has theirs.
    private async ValueTask<long> WriteRecordsAsync(LogChunk chunk, ImmutableArray<Owner> owners, LogPosition? erasedUpTo, CancellationToken cancellationToken)
    {
        long written = 0;
        foreach (LogEntry entry in chunk.Entries)
        {
            bool isOfPerson = LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner owner) && owners.Contains(owner)
                && !(owner == owners[0] && erasedUpTo?.Covers(new RecordPosition(log.Shape.Epoch, chunk.Partition, entry.Offset)) == true);
            if (isOfPerson && LogRecordCodec.Decode(entry.Bytes.Span) is { } record)
            {
                WriteRecord(record);
                written++;
                await FlushIfFullAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        return written;
    }

    private void WriteRecord(LogRecord record)
    {
        switch (record)
        {
            case LogRecord.Interaction interaction:
                WriteInteraction(interaction);
                break;
            case LogRecord.InteractionRetracted retracted:
                Begin("interactionRetracted");
                _json.WriteString("userId"u8, retracted.User.Value);
                _json.WriteString("id"u8, retracted.Id);
                _json.WriteString("timestamp"u8, Rfc3339.ToText(retracted.TimestampMs));
                break;
            case LogRecord.UserChanged changed:
                Begin("userChanged");
                _json.WriteString("userId"u8, changed.User.Value);
                ItemJson.WriteLabels(_json, changed.Labels);
                if (changed.Consent is { } consent)
                {
                    _json.WriteBoolean("consent"u8, consent);
                }

                _json.WriteBoolean("isPatch"u8, changed.IsPatch);
                _json.WriteString("timestamp"u8, Rfc3339.ToText(changed.TimestampMs));
                break;
            case LogRecord.UsersMerged merged:
                _merged[merged.FromOwner] = merged.From.Value;
                Begin("usersMerged");
                _json.WriteString("userId"u8, merged.Target.Value);
                _json.WriteString("from"u8, merged.From.Value);
                _json.WriteString("timestamp"u8, Rfc3339.ToText(merged.TimestampMs));
                break;
            case LogRecord.MergeErased or LogRecord.UsersLinked:
                Begin("mergeErased");
                break;
            default:
                Begin("personErased");
                break;
        }

        End();
    }

    private void WriteInteraction(LogRecord.Interaction interaction)
    {
        Begin("interaction");
        _json.WriteString("userId"u8, interaction.User.Value);
        _json.WriteString("itemId"u8, interaction.Item.Value);
        _json.WriteString("type"u8, interaction.Type);
        _json.WriteString("timestamp"u8, Rfc3339.ToText(interaction.TimestampMs));
        if (interaction.Value is { } value)
        {
            _json.WriteNumber("value"u8, value);
        }

        WriteIfAny("recommendationId", interaction.RecommendationId);
        WriteIfAny("id", interaction.Id);
        if (interaction.Context is { } context)
        {
            _json.WriteStartObject("context"u8);
            WriteIfAny("location", context.Location);
            WriteIfAny("device", context.Device);
            WriteIfAny("time", context.Time);
            _json.WriteStartObject("sessionFeatures"u8);
            foreach ((string name, double number) in context.SessionFeatures)
            {
                _json.WriteNumber(name, number);
            }

            _json.WriteEndObject();
            _json.WriteEndObject();
        }
    }

    private void WriteImpression(SlateImpression slate)
    {
        Begin("impression");
        _json.WriteString("recommendationId"u8, slate.RecommendationId);
        _json.WriteString("timestamp"u8, Rfc3339.ToText(slate.TimestampMs));
        WriteIfAny("modelVersion", slate.ModelVersion);
        _json.WriteStartArray("items"u8);
        foreach (ImpressionItem item in slate.Items)
        {
            _json.WriteStartObject();
            _json.WriteString("itemId"u8, item.Item.Value);
            _json.WriteFinite("score"u8, item.Score);
            _json.WriteFinite("propensity"u8, item.Propensity);
            WriteIfAny("reason", item.Reason);
            if (!slate.PartNames.IsEmpty)
            {
                _json.WriteStartObject("parts"u8);
                for (int part = 0; part < slate.PartNames.Length; part++)
                {
                    _json.WriteFinite(slate.PartNames[part], item.Parts[part]);
                }

                _json.WriteEndObject();
            }

            _json.WriteEndObject();
        }

        _json.WriteEndArray();
        End();
    }

    private void WriteIfAny(string name, string? text)
    {
        if (text is not null)
        {
            _json.WriteString(name, text);
        }
    }
}

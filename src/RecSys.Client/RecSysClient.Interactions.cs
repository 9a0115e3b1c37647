using System.Buffers;
using System.Text.Json;

namespace RecSys.Client;

public sealed partial class RecSysClient
{
    /// <summary>Number of rows of a stream in one request.</summary>
    internal const int StreamBlockRowsMax = 1_000;

    /// <summary>Time for which a row of a stream waits for more before it is sent.</summary>
    internal static readonly TimeSpan StreamPauseMax = TimeSpan.FromMilliseconds(200);

    private const string StreamContentType = "application/x-ndjson";

    /// <inheritdoc/>
    public Task<AcceptedResponse> RecordAsync(
        InteractionBody interaction, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(interaction);
        return _transport.SendAsync(
            Write(
                HttpMethod.Post, "v1/interactions", WithId(interaction), Json.InteractionBody, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);
    }

    /// <inheritdoc/>
    public Task<AcceptedResponse> RecordAsync(
        IReadOnlyList<InteractionBody> interactions, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        InteractionBody[] withIds = [.. interactions.Select(WithId)];
        return _transport.SendAsync(
            Write(HttpMethod.Post, "v1/interactions", withIds, Json.InteractionBodyArray, isRepeatable: true),
            Json.AcceptedResponse,
            cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<AcceptedResponse?> RecordStreamAsync(
        IAsyncEnumerable<InteractionBody> interactions,
        IProgress<AcceptedResponse>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(interactions);
        using StreamBlock block = new(this, progress);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        IAsyncEnumerator<InteractionBody> rows = interactions.GetAsyncEnumerator(stop.Token);
        Task<bool>? pending = null;
        try
        {
            while (true)
            {
                ValueTask<bool> next = rows.MoveNextAsync();
                pending = next.IsCompleted ? null : next.AsTask();
                if (pending is not null
                    && block.Rows > 0
                    && await IsPausingAsync(pending, cancellationToken).ConfigureAwait(false))
                {
                    await block.SendAsync(cancellationToken).ConfigureAwait(false);
                }

                if (!await (pending is null ? next : new ValueTask<bool>(pending)).ConfigureAwait(false))
                {
                    break;
                }

                block.Add(WithId(rows.Current));
                if (block.Rows == StreamBlockRowsMax)
                {
                    await block.SendAsync(cancellationToken).ConfigureAwait(false);
                }
            }

            if (block.Rows > 0)
            {
                await block.SendAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            if (pending is { IsCompleted: false })
            {
                await stop.CancelAsync().ConfigureAwait(false); // a source cannot be disposed while its next row is awaited
                await ((Task)pending).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            await rows.DisposeAsync().ConfigureAwait(false);
        }

        return block.Result;
    }

    /// <inheritdoc/>
    public Task<AcceptedResponse> RetractAsync(
        string userId, string interactionId, CancellationToken cancellationToken = default) =>
        _transport.SendAsync(
            Delete($"v1/users/{Segment(userId)}/interactions/{Segment(interactionId)}"),
            Json.AcceptedResponse,
            cancellationToken);

    private InteractionBody WithId(InteractionBody interaction)
    {
        ArgumentNullException.ThrowIfNull(interaction);
        return interaction.Id is null
            ? interaction with { Id = Guid.CreateVersion7(_time.GetUtcNow()).ToString("N") }
            : interaction;
    }

    private async Task<bool> IsPausingAsync(Task<bool> pending, CancellationToken cancellationToken)
    {
        // Only the state of the pending row is returned; if it has failed, the caller's await throws its exception.
        await ((Task)pending).WaitAsync(StreamPauseMax, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        cancellationToken.ThrowIfCancellationRequested();
        return !pending.IsCompleted;
    }

    /// <summary>The unsent rows of a stream, and the result of the sent ones.</summary>
    private sealed class StreamBlock(RecSysClient client, IProgress<AcceptedResponse>? progress) : IDisposable
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();
        private readonly Utf8JsonWriter _json = new(
            Stream.Null, new JsonWriterOptions { Encoder = Json.Options.Encoder, SkipValidation = true });

        public int Rows { get; private set; }

        public AcceptedResponse? Result { get; private set; }

        public void Add(InteractionBody row)
        {
            _json.Reset(_bytes);
            JsonSerializer.Serialize(_json, row, Json.InteractionBody);
            _json.Flush();
            _bytes.Write("\n"u8);
            Rows++;
        }

        public async Task SendAsync(CancellationToken cancellationToken)
        {
            RecSysCall call = new(HttpMethod.Post, "v1/interactions", IsRepeatable: true)
            {
                Body = _bytes.WrittenMemory,
                ContentType = StreamContentType,
            };
            long before = Result?.Accepted ?? 0;
            try
            {
                AcceptedResponse answer = await client._transport
                    .SendAsync(call, Json.AcceptedResponse, cancellationToken).ConfigureAwait(false);
                Result = answer with { Accepted = before + answer.Accepted };
            }
            catch (RecSysException error)
            {
                throw error.InStream(before);
            }

            progress?.Report(Result);
            _bytes.ResetWrittenCount();
            Rows = 0;
        }

        public void Dispose() => _json.Dispose();
    }
}

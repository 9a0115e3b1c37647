using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;

namespace RecSys.Server.Edge;

/// <summary>Where an answer is written before its length is known; used again by the next one.</summary>
internal sealed class AnswerBuffer : IResettable, IDisposable
{
    /// <summary>Buffers that no answer uses now.</summary>
    public static readonly ObjectPool<AnswerBuffer> Pool = ObjectPool.Create<AnswerBuffer>();

    private const int Start = 4_096;
    private const int KeptMax = 262_144;
    private ArrayBufferWriter<byte> _bytes = new(Start);

    /// <summary>Makes an empty one.</summary>
    public AnswerBuffer() =>
        Json = new Utf8JsonWriter(
            _bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>Writes into the buffer; flush it before the bytes are read.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>What is written.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.WrittenMemory;

    /// <inheritdoc/>
    public bool TryReset()
    {
        if (_bytes.Capacity > KeptMax)
        {
            _bytes = new ArrayBufferWriter<byte>(Start);
        }
        else
        {
            _bytes.ResetWrittenCount();
        }

        Json.Reset(_bytes);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Json.Dispose();
}

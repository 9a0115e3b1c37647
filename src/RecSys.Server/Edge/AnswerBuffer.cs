using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.ObjectPool;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;

namespace RecSys.Server.Edge;

/// <summary>The memory into which an answer is written before its length is known; reused for later answers.</summary>
internal sealed class AnswerBuffer : IBufferWriter<byte>, IResettable, IDisposable
{
    /// <summary>Unused buffers.</summary>
    public static readonly ObjectPool<AnswerBuffer> Pool = ObjectPool.Create<AnswerBuffer>();

    private const int Start = 4_096;
    private const int KeptMax = 262_144;

    /// <summary>The largest size of a buffer that does not count towards the limiter, because the limit of requests bounds the number of these.</summary>
    private const int UnchargedMax = 16_384;

    private byte[] _bytes = new byte[Start];
    private int _length;
    private AnswerMemoryLimiter? _limiter;
    private MemoryPermit? _permit;

    /// <summary>Creates an empty buffer.</summary>
    public AnswerBuffer() =>
        Json = new Utf8JsonWriter(this, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true });

    /// <summary>Gets a writer into the buffer; flush it before the bytes are read.</summary>
    public Utf8JsonWriter Json { get; }

    /// <summary>Gets the written bytes.</summary>
    public ReadOnlyMemory<byte> Bytes => _bytes.AsMemory(0, _length);

    /// <summary>Rents a buffer for one answer; its size counts towards the limiter.</summary>
    public static AnswerBuffer Rent(AnswerMemoryLimiter limiter)
    {
        AnswerBuffer buffer = Pool.Get();
        buffer._limiter = limiter;
        if (!buffer.TryCharge(buffer._bytes.Length))
        {
            buffer._bytes = new byte[Start];
        }

        return buffer;
    }

    /// <inheritdoc/>
    public void Advance(int count) => _length += count;

    /// <inheritdoc/>
    /// <exception cref="OverloadedException">The answers in memory have reached their limit.</exception>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        int needed = _length + Math.Max(sizeHint, 1);
        if (needed > _bytes.Length)
        {
            int size = Math.Max(needed, (int)Math.Min(_bytes.Length * 2L, Array.MaxLength));
            if (!TryCharge(size))
            {
                throw new OverloadedException(_limiter!.Exhausted);
            }

            Array.Resize(ref _bytes, size);
        }

        return _bytes.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public bool TryReset()
    {
        _permit?.Dispose();
        (_permit, _limiter, _length) = (null, null, 0);
        if (_bytes.Length > KeptMax)
        {
            _bytes = new byte[Start];
        }

        Json.Reset(this);
        return true;
    }

    /// <inheritdoc/>
    public void Dispose() => Json.Dispose();

    private bool TryCharge(int size) => size <= UnchargedMax || (_permit ??= _limiter!.Open()).TrySet(size);
}

using System.Globalization;
using System.Text;

namespace RecSys.Client;

/// <summary>
/// The path and query of a request, below the base address: every id is one percent-encoded segment, so that
/// <c>a/b</c> and <c>a%2Fb</c> stay two ids. <see cref="Uri"/> does not change a segment encoded in this way: it decodes only characters that
/// need no encoding, and removes only segments of dots.
/// </summary>
internal sealed class RequestTarget
{
    /// <summary>The largest number of bytes of UTF-8 an id may have.</summary>
    public const int IdBytesMax = 512;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private readonly StringBuilder _text;
    private bool _hasQuery;

    /// <summary>Initializes a new instance of the <see cref="RequestTarget"/> class.</summary>
    /// <param name="path">The path, its ids encoded by <see cref="Segment"/>.</param>
    public RequestTarget(string path) => _text = new StringBuilder(path);

    /// <summary>Adds a parameter where it has a value.</summary>
    public RequestTarget Add(string name, string? value)
    {
        if (value is not null)
        {
            _text.Append(_hasQuery ? '&' : '?').Append(name).Append('=').Append(Escape(value, name));
            _hasQuery = true;
        }

        return this;
    }

    /// <summary>Adds a parameter where it has a value.</summary>
    public RequestTarget Add(string name, int? value) =>
        Add(name, value?.ToString(CultureInfo.InvariantCulture));

    /// <inheritdoc/>
    public override string ToString() => _text.ToString();

    /// <summary>Encodes an id as one segment of a path.</summary>
    /// <exception cref="ArgumentException">
    /// It is empty, longer than 512 bytes, not valid Unicode, contains U+0000, or is <c>.</c> or <c>..</c>, which no client can send.
    /// </exception>
    public static string Segment(string id, string parameterName)
    {
        ArgumentException.ThrowIfNullOrEmpty(id, parameterName);
        if (id is "." or "..")
        {
            throw new ArgumentException($"an id must not be \"{id}\"", parameterName);
        }

        if (id.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException("an id must not contain U+0000, which a path cannot contain", parameterName);
        }

        string escaped = Escape(id, parameterName);
        int bytes = StrictUtf8.GetByteCount(id);
        return bytes <= IdBytesMax
            ? escaped
            : throw new ArgumentException($"an id has at most {IdBytesMax} bytes, but this has {bytes}", parameterName);
    }

    private static string Escape(string value, string parameterName)
    {
        try
        {
            _ = StrictUtf8.GetByteCount(value); // half a surrogate pair would be sent as U+FFFD: another id
        }
        catch (EncoderFallbackException error)
        {
            throw new ArgumentException("the text is not valid Unicode", parameterName, error);
        }

        return Uri.EscapeDataString(value);
    }
}

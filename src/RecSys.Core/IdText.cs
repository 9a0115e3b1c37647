using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RecSys.Core;

/// <summary>The one rule for ids: 1 to <see cref="Limits.IdBytesMax"/> bytes of valid UTF-8, and neither <c>.</c> nor <c>..</c>.</summary>
public static class IdText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Says what is wrong with <paramref name="text"/> as an id, or null if nothing is.</summary>
    public static string? Problem(string? text)
    {
        if (string.IsNullOrEmpty(text))
        {
            return "must not be empty";
        }

        if (text is "." or "..")
        {
            return "must not be '.' or '..', which no client can send in a path";
        }

        // An id of few chars cannot be too long: the common case costs one pass over its chars.
        int bytes;
        try
        {
            bytes = Strict.GetByteCount(text);
        }
        catch (EncoderFallbackException)
        {
            return "must be valid Unicode";
        }

        return bytes > Limits.IdBytesMax ? $"has {bytes} bytes of UTF-8; at most {Limits.IdBytesMax} are allowed" : null;
    }

    internal static string Require(string text, string name) =>
        Problem(text) is { } problem ? throw Bad(name, problem) : text;

    private static ArgumentException Bad(string name, string problem) => new($"id {problem}", name);

    internal static bool IsValid([NotNullWhen(true)] string? text) => Problem(text) is null;
}

using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace RecSys.Core;

/// <summary>
/// The rule for ids: 1 to <see cref="Limits.IdBytesMax"/> bytes of valid UTF-8, except <c>.</c> and <c>..</c>, and without U+0000.
/// </summary>
/// <remarks>Every accepted id can be part of a request path, so its data can be read and erased.</remarks>
public static class IdText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Returns the problem of <paramref name="text"/> as an id, or null.</summary>
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

        if (text.Contains('\0'))
        {
            return "must not contain U+0000, which no client can send in a path";
        }

        return LengthProblem(text);
    }

    /// <summary>
    /// Returns the problem of <paramref name="text"/> as a name that is not part of a path, such as a label's: 1 to
    /// <see cref="Limits.IdBytesMax"/> bytes of valid UTF-8; or null.
    /// </summary>
    public static string? NameProblem(string? text) =>
        string.IsNullOrEmpty(text) ? "must not be empty" : LengthProblem(text);

    /// <summary>
    /// Returns the problem of <paramref name="text"/> as a stored id, or null: earlier versions accepted U+0000 in bodies.
    /// </summary>
    internal static string? StoredProblem(string? text) => text is "." or ".." ? "must not be '.' or '..'" : NameProblem(text);

    private static string? LengthProblem(string text)
    {
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

using System.Text;

namespace RecSys.Server.Edge;

/// <summary>Decodes percent-encoded text of a target, exactly once, and refuses invalid encodings.</summary>
internal static class PercentText
{
    private static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>Decodes one segment of a path, or one name or value of a query.</summary>
    /// <param name="text">The text as it was sent: ASCII.</param>
    /// <param name="isQuery">Whether a plus means a space.</param>
    /// <param name="decoded">The decoded text.</param>
    /// <returns>The problem, or null.</returns>
    public static string? TryDecode(ReadOnlySpan<char> text, bool isQuery, out string decoded)
    {
        decoded = "";
        if (text.IndexOfAny('%', isQuery ? '+' : '%') < 0 && Ascii.IsValid(text))
        {
            decoded = text.ToString();
            return null;
        }

        byte[] bytes = new byte[Strict.GetMaxByteCount(text.Length)];
        int length = 0;
        for (int index = 0; index < text.Length; index++)
        {
            char unit = text[index];
            if (unit == '%')
            {
                if (index + 2 >= text.Length || !char.IsAsciiHexDigit(text[index + 1]) || !char.IsAsciiHexDigit(text[index + 2]))
                {
                    return $"has an invalid percent-encoding at character {index}: '%' must be followed by two hexadecimal digits";
                }

                bytes[length++] = (byte)((Digit(text[index + 1]) << 4) | Digit(text[index + 2]));
                index += 2;
            }
            else if (char.IsAscii(unit))
            {
                bytes[length++] = unit == '+' && isQuery ? (byte)' ' : (byte)unit;
            }
            else
            {
                return $"has a character at {index} that is not percent-encoded";
            }
        }

        try
        {
            decoded = Strict.GetString(bytes, 0, length);
            return null;
        }
        catch (DecoderFallbackException)
        {
            return "is not valid UTF-8 once it is percent-decoded";
        }
    }

    private static int Digit(char hexadecimal) =>
        char.IsAsciiDigit(hexadecimal) ? hexadecimal - '0' : (hexadecimal | 0x20) - 'a' + 10;
}

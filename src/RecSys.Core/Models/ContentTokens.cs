using System.IO.Hashing;
using System.Text;
using RecSys.Core.Log;

namespace RecSys.Core.Models;

/// <summary>Splits an item's content into tokens: its categories, its labels, the words of its title and text, each as a 64-bit hash.</summary>
public static class ContentTokens
{
    /// <summary>The largest number of words of a text that are used.</summary>
    public const int WordsMax = 512;

    private const float CategoryWeight = 2f;
    private const float LabelWeight = 1.5f;
    private const float TitleWeight = 1f;
    private const float TextWeight = 0.5f;
    private const int WordCharsMin = 2;
    private const int WordCharsMax = 64;
    private const int TokenBytesMax = 1_024;

    /// <summary>Adds the tokens of an item's content to a set, each with its weight: the sum over its occurrences.</summary>
    public static void Read(ItemContent content, Dictionary<ulong, float> tokens)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(tokens);
        foreach (string category in content.Categories)
        {
            Add(tokens, 'c', category, CategoryWeight);
        }

        foreach ((string name, string value) in content.Labels)
        {
            Add(tokens, 'l', $"{name}={value}", LabelWeight);
        }

        AddWords(tokens, content.Title, TitleWeight);
        AddWords(tokens, content.Text, TextWeight);
    }

    private static void AddWords(Dictionary<ulong, float> tokens, string? text, float weight)
    {
        int words = 0;
        int start = 0;
        for (int at = 0; text is not null && at <= text.Length && words < WordsMax; at++)
        {
            if (at < text.Length && char.IsLetterOrDigit(text[at]))
            {
                continue;
            }

            if (at - start >= WordCharsMin)
            {
                Add(tokens, 'w', text.AsSpan(start, Math.Min(at - start, WordCharsMax)), weight);
                words++;
            }

            start = at + 1;
        }
    }

    private static void Add(Dictionary<ulong, float> tokens, char kind, ReadOnlySpan<char> text, float weight)
    {
        Span<byte> bytes = stackalloc byte[TokenBytesMax];
        Span<char> lower = stackalloc char[(TokenBytesMax / 3) - 1];
        text = text[..Math.Min(text.Length, lower.Length)];
        int length = text.ToLowerInvariant(lower);
        bytes[0] = (byte)kind;
        int count = Encoding.UTF8.GetBytes(lower[..length], bytes[1..]);
        ulong hash = XxHash3.HashToUInt64(bytes[..(count + 1)]);
        tokens[hash] = tokens.GetValueOrDefault(hash) + weight;
    }
}

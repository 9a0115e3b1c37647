using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Files with one JSON object a line, in the shapes of the HTTP bodies.</summary>
internal static class JsonLinesFormat
{
    /// <summary>The longest line, in bytes.</summary>
    public const int LineBytesMax = 1 << 20;

    /// <summary>A file of one kind of rows.</summary>
    public static ImportPart Part(ImportKind kind, string path) =>
        new(
            kind,
            path,
            stream => kind switch
            {
                ImportKind.Interactions => Read(stream, RecSysJsonContext.Wire.InteractionBody),
                ImportKind.Items => Read(stream, RecSysJsonContext.Wire.ItemRow),
                _ => Read(stream, RecSysJsonContext.Wire.UserRow),
            });

    private static IEnumerable<ImportRow> Read<T>(Stream stream, JsonTypeInfo<T> type)
        where T : class
    {
        long number = 0;
        foreach (ReadOnlyMemory<byte>? line in Lines.Read(stream, LineBytesMax))
        {
            number++;
            if (line is not { } text)
            {
                yield return ImportRow.Refused(number, $"the line is longer than {LineBytesMax} bytes");
            }
            else if (!IsBlank(text.Span))
            {
                yield return Parse(number, text.Span, type);
            }
        }
    }

    private static ImportRow Parse<T>(long number, ReadOnlySpan<byte> text, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type) is { } body
                ? ImportRow.Of(number, body)
                : ImportRow.Refused(number, "null is no row");
        }
        catch (JsonException error)
        {
            string path = error.Path is null or "$" ? "" : $"{error.Path}: ";
            return ImportRow.Refused(number, path + error.Message.Split(" Path:")[0]);
        }
    }

    private static bool IsBlank(ReadOnlySpan<byte> text) => text.Trim(" \t\r"u8).IsEmpty;
}

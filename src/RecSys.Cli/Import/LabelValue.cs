using System.Text.Json;

namespace RecSys.Cli.Import;

/// <summary>Values of labels.</summary>
internal static class LabelValue
{
    /// <summary>A number.</summary>
    public static JsonElement Of(double number) => JsonSerializer.SerializeToElement(number, LabelJsonContext.Default.Double);

    /// <summary>A text.</summary>
    public static JsonElement Of(string text) => JsonSerializer.SerializeToElement(text, LabelJsonContext.Default.String);

    /// <summary>Several texts.</summary>
    public static JsonElement Of(IReadOnlyList<string> texts) => JsonSerializer.SerializeToElement([.. texts], LabelJsonContext.Default.StringArray);
}

using System.Text.Json;

namespace RecSys.Cli.Import;

/// <summary>Values of labels.</summary>
internal static class LabelValue
{
    /// <summary>Returns the label of a number.</summary>
    public static JsonElement Of(double number) => JsonSerializer.SerializeToElement(number, LabelJsonContext.Default.Double);

    /// <summary>Returns the label of a text.</summary>
    public static JsonElement Of(string text) => JsonSerializer.SerializeToElement(text, LabelJsonContext.Default.String);

    /// <summary>Returns the label of several texts.</summary>
    public static JsonElement Of(IReadOnlyList<string> texts) => JsonSerializer.SerializeToElement([.. texts], LabelJsonContext.Default.StringArray);
}

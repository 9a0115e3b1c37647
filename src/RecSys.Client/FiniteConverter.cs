using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>
/// Writes finite JSON numbers. JSON has neither NaN nor infinities: the first is written as 0, the others as the largest number of their
/// sign, so that one invalid number does not make the answer invalid.
/// </summary>
internal sealed class FiniteConverter : JsonConverter<double>
{
    /// <summary>Returns the JSON number for a value.</summary>
    public static double Of(double value) =>
        double.IsFinite(value) ? value : double.IsNaN(value) ? 0 : double.CopySign(double.MaxValue, value);

    /// <inheritdoc/>
    public override double Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value) && double.IsFinite(value)
            ? value
            : throw new JsonException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, double value, JsonSerializerOptions options) => writer.WriteNumberValue(Of(value));
}

using System.Text.Json.Serialization;

namespace RecSys.Cli.Bench;

/// <summary>A measured value.</summary>
/// <param name="Name">Dotted name, which never changes.</param>
/// <param name="Value">Measured value, in <paramref name="Unit"/>.</param>
/// <param name="Unit">Unit of the value.</param>
/// <param name="Note">Description of the measurement, if the name does not suffice.</param>
internal sealed record Figure(string Name, double Value, string Unit, string? Note = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Figure))]
internal sealed partial class FigureJsonContext : JsonSerializerContext;

using System.Text.Json.Serialization;

namespace RecSys.Cli.Bench;

/// <summary>One thing that was measured.</summary>
/// <param name="Name">What, as a dotted name that stays.</param>
/// <param name="Value">How much.</param>
/// <param name="Unit">Of what.</param>
/// <param name="Note">How it was measured, where the name does not say.</param>
internal sealed record Figure(string Name, double Value, string Unit, string? Note = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Figure))]
internal sealed partial class FigureJsonContext : JsonSerializerContext;

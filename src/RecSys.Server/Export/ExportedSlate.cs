using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Server.Export;

/// <summary>One user's slate in an export.</summary>
internal sealed record ExportedSlate(string UserId, string? ModelVersion, IReadOnlyList<ExportedItem> Items);

/// <summary>One item of the slate.</summary>
internal sealed record ExportedItem(string ItemId, double Score);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ExportedSlate))]
internal sealed partial class ExportJsonContext : JsonSerializerContext;

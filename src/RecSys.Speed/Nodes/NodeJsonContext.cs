using System.Text.Json.Serialization;
using RecSys.Core.Ports;

namespace RecSys.Speed.Nodes;

/// <summary>Reads and writes the reports of nodes as JSON, so that nodes of two versions understand each other during an upgrade: unknown members are ignored.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(NodeReport))]
internal sealed partial class NodeJsonContext : JsonSerializerContext;

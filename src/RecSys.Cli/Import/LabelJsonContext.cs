using System.Text.Json.Serialization;

namespace RecSys.Cli.Import;

[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(double))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class LabelJsonContext : JsonSerializerContext;

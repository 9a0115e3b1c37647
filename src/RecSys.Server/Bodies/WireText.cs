using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Server.Bodies;

/// <summary>Writes the JSON of texts without escapes that people would have to decode.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class WireText : JsonSerializerContext
{
    static WireText() =>
        Default = new WireText(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Server.Bodies;

/// <summary>JSON of plain texts, as people read it.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class WireText : JsonSerializerContext
{
    static WireText() =>
        Default = new WireText(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Server.Bodies;

/// <summary>Serializes texts for people to read: characters such as <c>ü</c> and <c>'</c> are not escaped.</summary>
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
internal sealed partial class WireText : JsonSerializerContext
{
    static WireText() =>
        Default = new WireText(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

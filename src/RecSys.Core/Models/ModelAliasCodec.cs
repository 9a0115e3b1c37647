using RecSys.Core.Log;

namespace RecSys.Core.Models;

/// <summary>The key and the bytes of an alias in the control store: a version (1) and the model's version, each followed by a line feed, then the checksum of both in 16 hexadecimal digits.</summary>
public static class ModelAliasCodec
{
    /// <summary>The prefix of the keys of aliases.</summary>
    public const string KeyPrefix = "model/alias/";

    /// <summary>Returns the key of an alias.</summary>
    public static string KeyOf(string alias) => KeyPrefix + alias;

    /// <summary>Writes an alias. A null version means that the alias names no model; such a row also hides an alias file of an older program.</summary>
    public static byte[] Encode(ModelVersion? version) => SealedText.Encode(version?.Value ?? "");

    /// <summary>Reads what <see cref="Encode"/> wrote.</summary>
    /// <exception cref="CorruptModelException">The bytes differ from the written ones, or a newer program wrote them.</exception>
    public static ModelVersion? Decode(ReadOnlySpan<byte> bytes) => SealedText.Decode(bytes) switch
    {
        [""] => null,
        [var text] when ModelVersion.TryCreate(text, out ModelVersion version) => version,
        _ => throw new CorruptModelException("the row of the alias does not contain a version"),
    };
}

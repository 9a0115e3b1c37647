using RecSys.Core.Log;

namespace RecSys.Core.Models;

/// <summary>What a serving node has loaded: its acknowledgement of the champion, in the control store.</summary>
/// <param name="Node">Address of the node.</param>
/// <param name="Served">The model that it serves; null if none.</param>
/// <param name="Problem">Why it does not serve the champion; null if it does, or there is none.</param>
public sealed record NodeModel(string Node, ModelVersion? Served, string? Problem)
{
    /// <summary>The prefix of the keys.</summary>
    public const string KeyPrefix = "model/served/";

    private const int ProblemCharsMax = 2_000;

    /// <summary>Gets the key of the row.</summary>
    public string Key => KeyPrefix + Node;

    /// <summary>Writes the value of the row.</summary>
    public byte[] Encode() => SealedText.Encode(Served?.Value ?? "", Problem is { Length: > ProblemCharsMax } ? Problem[..ProblemCharsMax] : Problem ?? "");

    /// <summary>Reads a row; null if it is damaged or of a newer program.</summary>
    public static NodeModel? Decode(string key, ReadOnlySpan<byte> value)
    {
        ArgumentNullException.ThrowIfNull(key);
        return SealedText.Decode(value) is [var served, var problem]
            ? new NodeModel(key[KeyPrefix.Length..], ModelVersion.TryCreate(served, out ModelVersion version) ? version : null, problem.Length == 0 ? null : problem)
            : null;
    }
}

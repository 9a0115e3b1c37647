using System.Text.Json;

namespace RecSys.Client;

/// <summary>The card of a published model.</summary>
public sealed record ModelResponse
{
    /// <summary>Gets the model's version.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the version it was trained on from.</summary>
    public string? Parent { get; init; }

    /// <summary>Gets the names that point at it, such as <c>champion</c>.</summary>
    public IReadOnlyList<string>? Alias { get; init; }

    /// <summary>Gets a value indicating whether it serves now.</summary>
    /// <value>It is the champion, or the newest sound model where the champion is damaged.</value>
    public bool IsServed { get; init; }

    /// <summary>Gets why it cannot be served.</summary>
    /// <value>Absent where no damage is known. A damaged model whose card cannot be read has no figures and no position.</value>
    public string? Damage { get; init; }

    /// <summary>Gets when it was published.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets the opaque position up to which it has read the log.</summary>
    public required string Watermark { get; init; }

    /// <summary>Gets how many items have an embedding in it.</summary>
    public required long Items { get; init; }

    /// <summary>Gets how many interactions it was trained on.</summary>
    public required long Interactions { get; init; }

    /// <summary>Gets its measured figures by name, such as <c>ndcg@10</c>.</summary>
    public required Dictionary<string, double> Metrics { get; init; }

    /// <summary>Gets the parameters it was trained with, by name.</summary>
    public required Dictionary<string, JsonElement> Parameters { get; init; }

    /// <summary>Gets the time since it was published, in seconds.</summary>
    public double? AgeSeconds { get; init; }

    /// <summary>Gets its size on disk, in bytes.</summary>
    public required long SizeBytes { get; init; }
}

/// <summary>The published models.</summary>
public sealed record ModelPage
{
    /// <summary>Gets the models, newest first.</summary>
    public required IReadOnlyList<ModelResponse> Items { get; init; }

    /// <summary>Gets the cursor of the following page.</summary>
    /// <value>Absent on the last page.</value>
    public string? Next { get; init; }
}

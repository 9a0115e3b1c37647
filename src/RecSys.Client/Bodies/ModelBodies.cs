using System.Text.Json;

namespace RecSys.Client;

/// <summary>The card of a published model.</summary>
public sealed record ModelResponse
{
    /// <summary>Gets the model's version.</summary>
    public required string Version { get; init; }

    /// <summary>Gets the version of the model from which its training started.</summary>
    public string? Parent { get; init; }

    /// <summary>Gets the aliases of the model, such as <c>champion</c>.</summary>
    public IReadOnlyList<string>? Alias { get; init; }

    /// <summary>Gets a value indicating whether the model is served now.</summary>
    /// <value><see langword="true"/> for the champion, or for the newest undamaged model if the champion is damaged.</value>
    public bool IsServed { get; init; }

    /// <summary>Gets why the model cannot be served.</summary>
    /// <value>Absent if no damage is known. A damaged model whose card cannot be read has no metrics and no position.</value>
    public string? Damage { get; init; }

    /// <summary>Gets the time of its publication.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>Gets the opaque position up to which its training read the log.</summary>
    public required string Watermark { get; init; }

    /// <summary>Gets the number of items with an embedding.</summary>
    public required long Items { get; init; }

    /// <summary>Gets the number of interactions of the training.</summary>
    public required long Interactions { get; init; }

    /// <summary>Gets the measured values by name, such as <c>ndcg@10</c>.</summary>
    public required Dictionary<string, double> Metrics { get; init; }

    /// <summary>Gets the parameters of the training, by name.</summary>
    public required Dictionary<string, JsonElement> Parameters { get; init; }

    /// <summary>Gets the time since the publication, in seconds.</summary>
    public double? AgeSeconds { get; init; }

    /// <summary>Gets the size of the file, in bytes.</summary>
    public required long SizeBytes { get; init; }
}

/// <summary>The published models.</summary>
public sealed record ModelPage
{
    /// <summary>Gets the models, newest first.</summary>
    public required IReadOnlyList<ModelResponse> Items { get; init; }

    /// <summary>Gets what each serving node has loaded. A node that cannot load the champion keeps the model before it and has a problem.</summary>
    public IReadOnlyList<NodeModelResponse>? Nodes { get; init; }
}

/// <summary>The model that a node serves.</summary>
public sealed record NodeModelResponse
{
    /// <summary>Gets the address of the node.</summary>
    public required string Node { get; init; }

    /// <summary>Gets the version of the model that the node serves.</summary>
    /// <value>Absent if it serves none or does not answer.</value>
    public string? Version { get; init; }

    /// <summary>Gets why the node does not serve the champion, or that it does not answer.</summary>
    /// <value>Absent if it serves the champion.</value>
    public string? Problem { get; init; }
}

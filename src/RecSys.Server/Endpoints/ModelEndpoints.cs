using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using RecSys.Client;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>Endpoints of the published models, and of the choice of the served one.</summary>
internal sealed class ModelEndpoints(IModelStore store, IServedModels served, IClusterControl cluster, TimeProvider time) : IEndpoints
{
    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/admin/models", Role.Admin, ListAsync)
        {
            Name = "listModels",
            Tag = Tags.Operations,
            Summary = "Returns the published models, newest first, and the model of each node",
            Description = "Every node is asked. One that does not answer within 2 s has a problem that says so.",
            Answer = typeof(ModelPage),
        },
        new("POST", "/v1/admin/models/{version}:promote", Role.Admin, PromoteAsync)
        {
            Name = "promoteModel",
            Tag = Tags.Operations,
            Summary = "Promotes a model: it is served from now on",
            Answer = typeof(ModelResponse),
        },
        new("POST", "/v1/admin/models/{version}:rollback", Role.Admin, RollbackAsync)
        {
            Name = "rollbackModel",
            Tag = Tags.Operations,
            Summary = "Replaces the served model by the one that was served before it, and returns that model",
            Answer = typeof(ModelResponse),
        },
    ];

    private async Task<Problem?> ListAsync(Call call)
    {
        Task<List<NodeModelResponse>> nodes = NodesAsync(call.Aborted);
        ModelPage page = new() { Items = await ReadAsync(call.Aborted).ConfigureAwait(false), Nodes = await nodes.ConfigureAwait(false) };
        return await call.AnswerAsync(page, RecSysJsonContext.Wire.ModelPage).ConfigureAwait(false);
    }

    private async Task<Problem?> PromoteAsync(Call call)
    {
        if (!ModelVersion.TryCreate(call.Id(0), out ModelVersion version))
        {
            return Unknown(call);
        }

        ModelVersion? champion = await AliasAsync(ModelAliases.Champion, call.Aborted).ConfigureAwait(false);
        if (champion != version || served.Fallback is not null)
        {
            if (await RefusalAsync(version, call).ConfigureAwait(false) is { } refusal)
            {
                return refusal;
            }

            // The target of a rollback is undamaged: the model that was served, which is the champion or its fallback.
            ModelVersion? previous = served.Fallback is { } fallback ? fallback.Served : champion;
            if (await ReplaceAsync(champion, version, previous == version ? null : previous, call).ConfigureAwait(false) is { } changed)
            {
                return changed;
            }
        }

        return await AnswerAsync(call, version).ConfigureAwait(false);
    }

    private async Task<Problem?> RollbackAsync(Call call)
    {
        ModelFallback? fallback = served.Fallback;
        ModelVersion? champion = await AliasAsync(ModelAliases.Champion, call.Aborted).ConfigureAwait(false);
        bool isServedInItsPlace = fallback?.Served is { } inPlace && inPlace.Value == call.Id(0);
        if (champion?.Value != call.Id(0) && !isServedInItsPlace)
        {
            return Problem.Conflict($"the model '{call.Id(0)}' is not served; '{champion?.Value ?? "none"}' is");
        }

        ModelVersion? previous = await AliasAsync(ModelAliases.Previous, call.Aborted).ConfigureAwait(false);
        if (previous is null || (fallback is not null && await RefusalAsync(previous.Value, call).ConfigureAwait(false) is not null))
        {
            previous = fallback?.Served; // the champion is damaged, and so is the model before it: return to the model that is served instead
        }

        if (previous is not { } target)
        {
            return Problem.Conflict("no earlier model is known; promote one by its version");
        }

        if (await RefusalAsync(target, call).ConfigureAwait(false) is { } refusal)
        {
            return refusal.Status == StatusCodes.Status404NotFound
                ? Problem.Conflict("no earlier model is known; promote one by its version")
                : refusal;
        }

        return await ReplaceAsync(champion, target, null, call).ConfigureAwait(false) ?? await AnswerAsync(call, target).ConfigureAwait(false);
    }

    /// <summary>Replaces the champion, unless another caller, node or training has replaced it meanwhile.</summary>
    private async ValueTask<Problem?> ReplaceAsync(ModelVersion? champion, ModelVersion version, ModelVersion? previous, Call call)
    {
        if (champion != version && !await store.TryReplaceAliasAsync(ModelAliases.Champion, champion, version, call.Aborted).ConfigureAwait(false))
        {
            return await AliasAsync(ModelAliases.Champion, call.Aborted).ConfigureAwait(false) is var now && now == champion
                ? Unknown(call)
                : Problem.Conflict($"the champion was changed to '{now?.Value ?? "none"}' meanwhile; list the models, and decide again");
        }

        await store.SetAliasAsync(ModelAliases.Previous, previous, call.Aborted).ConfigureAwait(false);
        return null;
    }

    /// <summary>Checks the whole file of a model, and returns why the model cannot be served, or null.</summary>
    private async ValueTask<Problem?> RefusalAsync(ModelVersion version, Call call)
    {
        try
        {
            using ModelSnapshot? model = await store.OpenAsync(version, call.Aborted).ConfigureAwait(false);
            return model is null ? Problem.NotFound($"there is no model '{version}'") : null;
        }
        catch (CorruptModelException damage)
        {
            return Problem.Conflict($"the model '{version}' is damaged and cannot be served: {damage.Message}");
        }
    }

    private async Task<Problem?> AnswerAsync(Call call, ModelVersion version) =>
        (await ReadAsync(call.Aborted).ConfigureAwait(false)).Find(model => model.Version == version.Value) is { } found
            ? await call.AnswerAsync(found, RecSysJsonContext.Wire.ModelResponse).ConfigureAwait(false)
            : Unknown(call);

    /// <summary>Returns the models, newest first, including damaged ones.</summary>
    private async ValueTask<List<ModelResponse>> ReadAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ModelCard> cards = await store.ListAsync(cancellationToken).ConfigureAwait(false);
        Dictionary<ModelVersion, string> damages = (await store.ListDamagedAsync(cancellationToken).ConfigureAwait(false))
            .ToDictionary(damaged => damaged.Version, damaged => damaged.Reason);
        Dictionary<ModelVersion, List<string>> aliases = [];
        foreach (string name in ModelAliases.All)
        {
            if (await AliasAsync(name, cancellationToken).ConfigureAwait(false) is { } version)
            {
                (aliases.TryGetValue(version, out List<string>? names) ? names : aliases[version] = []).Add(name);
            }
        }

        ILookup<ModelVersion, ModelCard> known = cards.ToLookup(card => card.Version);
        return
        [
            .. cards.Select(card => card.Version).Union(damages.Keys).OrderByDescending(version => version).Select(version =>
                (known[version].FirstOrDefault() is { } card ? ResponseOf(card) : Unreadable(version)) with
                {
                    Alias = aliases.GetValueOrDefault(version),
                    IsServed = served.Champion?.Version == version,
                    Damage = damages.GetValueOrDefault(version),
                }),
        ];
    }

    /// <summary>Asks all nodes for the models that they have loaded.</summary>
    private async Task<List<NodeModelResponse>> NodesAsync(CancellationToken cancellationToken) =>
    [
        .. (await cluster.GetNodesAsync(cancellationToken).ConfigureAwait(false))
            .Select(node => new NodeModelResponse
            {
                Node = node.Member.Address,
                Version = node.Report?.Model,
                Problem = node.Report is { } report ? report.ModelProblem : $"the node does not answer within {NodeStatus.AnswerMax.TotalSeconds:0} s",
            }),
    ];

    /// <summary>Returns the model of an alias; null if there is none, or the alias is damaged.</summary>
    private async ValueTask<ModelVersion?> AliasAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return await store.GetAliasAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (CorruptModelException)
        {
            return null;
        }
    }

    private static ModelResponse Unreadable(ModelVersion version) => new()
    {
        Version = version.Value,
        Watermark = "",
        Items = 0,
        Interactions = 0,
        Metrics = [],
        Parameters = [],
        SizeBytes = 0,
    };

    private ModelResponse ResponseOf(ModelCard card) => new()
    {
        Version = card.Version.Value,
        Parent = card.Parent?.Value,
        CreatedAt = Rfc3339.ToTime(card.CreatedAtMs),
        Watermark = card.Watermark.ToString(),
        Items = card.ItemCount,
        Interactions = card.InteractionCount,
        Metrics = card.Metrics.ToDictionary(StringComparer.Ordinal),
        Parameters = card.Parameters.ToDictionary(pair => pair.Key, pair => NumberOf(pair.Value), StringComparer.Ordinal),
        AgeSeconds = Math.Max(0, (time.GetUtcNow() - Rfc3339.ToTime(card.CreatedAtMs)).TotalSeconds),
        SizeBytes = card.SizeBytes,
    };

    private static Problem Unknown(Call call) => Problem.NotFound($"there is no model '{call.Id(0)}'");

    private static JsonElement NumberOf(double value) =>
        JsonElement.Parse(value.ToString("R", CultureInfo.InvariantCulture));
}

using System.Globalization;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Server.Edge;

namespace RecSys.Server.Endpoints;

/// <summary>The published models, and which of them serves.</summary>
internal sealed class ModelEndpoints(IModelStore store, TimeProvider time) : IEndpoints, IDisposable
{
    private readonly SemaphoreSlim _changing = new(1);

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/v1/admin/models", Role.Admin, ListAsync)
        {
            Name = "listModels",
            Tag = Tags.Operations,
            Summary = "The published models, newest first",
            Answer = RecSysJsonContext.Wire.ModelPage,
        },
        new("POST", "/v1/admin/models/{version}:promote", Role.Admin, PromoteAsync)
        {
            Name = "promoteModel",
            Tag = Tags.Operations,
            Summary = "Makes a model the one that serves",
            Answer = RecSysJsonContext.Wire.ModelResponse,
        },
        new("POST", "/v1/admin/models/{version}:rollback", Role.Admin, RollbackAsync)
        {
            Name = "rollbackModel",
            Tag = Tags.Operations,
            Summary = "Goes back from the model that serves to the one that served before it; answers with the latter",
            Answer = RecSysJsonContext.Wire.ModelResponse,
        },
    ];

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    private async Task<Problem?> ListAsync(Call call)
    {
        IReadOnlyList<ModelCard> cards = await store.ListAsync(call.Aborted).ConfigureAwait(false);
        Dictionary<ModelVersion, List<string>> aliases = await ReadAliasesAsync(call.Aborted).ConfigureAwait(false);
        ModelPage page = new() { Items = [.. cards.Select(card => ResponseOf(card, aliases))] };
        return await call.AnswerAsync(page, RecSysJsonContext.Wire.ModelPage).ConfigureAwait(false);
    }

    private async Task<Problem?> PromoteAsync(Call call)
    {
        if (!ModelVersion.TryCreate(call.Id(0), out ModelVersion version))
        {
            return Unknown(call);
        }

        await _changing.WaitAsync(call.Aborted).ConfigureAwait(false);
        try
        {
            ModelVersion? champion = await store.GetAliasAsync(ModelAliases.Champion, call.Aborted).ConfigureAwait(false);
            if (champion != version)
            {
                if (!await store.SetAliasAsync(ModelAliases.Champion, version, call.Aborted).ConfigureAwait(false))
                {
                    return Unknown(call);
                }

                await store.SetAliasAsync(ModelAliases.Previous, champion, call.Aborted).ConfigureAwait(false);
            }

            return await AnswerAsync(call, version).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<Problem?> RollbackAsync(Call call)
    {
        await _changing.WaitAsync(call.Aborted).ConfigureAwait(false);
        try
        {
            ModelVersion? champion = await store.GetAliasAsync(ModelAliases.Champion, call.Aborted).ConfigureAwait(false);
            if (champion?.Value != call.Id(0))
            {
                return Problem.Conflict($"the model '{call.Id(0)}' does not serve; '{champion?.Value ?? "none"}' does");
            }

            if (await store.GetAliasAsync(ModelAliases.Previous, call.Aborted).ConfigureAwait(false) is not { } previous
                || !await store.SetAliasAsync(ModelAliases.Champion, previous, call.Aborted).ConfigureAwait(false))
            {
                return Problem.Conflict("no model is known that served before; promote one by its version");
            }

            await store.SetAliasAsync(ModelAliases.Previous, null, call.Aborted).ConfigureAwait(false);
            return await AnswerAsync(call, previous).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async Task<Problem?> AnswerAsync(Call call, ModelVersion version)
    {
        IReadOnlyList<ModelCard> cards = await store.ListAsync(call.Aborted).ConfigureAwait(false);
        Dictionary<ModelVersion, List<string>> aliases = await ReadAliasesAsync(call.Aborted).ConfigureAwait(false);
        return cards.FirstOrDefault(card => card.Version == version) is { } found
            ? await call.AnswerAsync(ResponseOf(found, aliases), RecSysJsonContext.Wire.ModelResponse).ConfigureAwait(false)
            : Unknown(call);
    }

    private async ValueTask<Dictionary<ModelVersion, List<string>>> ReadAliasesAsync(CancellationToken cancellationToken)
    {
        Dictionary<ModelVersion, List<string>> aliases = [];
        foreach (string name in ModelAliases.All)
        {
            if (await store.GetAliasAsync(name, cancellationToken).ConfigureAwait(false) is { } version)
            {
                (aliases.TryGetValue(version, out List<string>? names) ? names : aliases[version] = []).Add(name);
            }
        }

        return aliases;
    }

    private ModelResponse ResponseOf(ModelCard card, Dictionary<ModelVersion, List<string>> aliases) => new()
    {
        Version = card.Version.Value,
        Parent = card.Parent?.Value,
        Alias = aliases.GetValueOrDefault(card.Version),
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

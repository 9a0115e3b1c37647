using RecSys.Core.Diagnostics;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Cli.Hosting;

/// <summary>Checks of an installation's models and of the aliases that name them. Changes nothing.</summary>
/// <param name="store">The models.</param>
/// <param name="files">Where they are; for the commands.</param>
/// <param name="isDeep">Whether every model is read as a whole; else only its card is, and damage that the store found before is reported.</param>
/// <param name="published">Names of the files that must be there.</param>
internal sealed class ModelChecks(IModelStore store, InstallationFiles files, bool isDeep, IReadOnlyCollection<string> published)
{
    private const string Check = "models";

    /// <summary>Returns a finding for the files that must be there and are gone; null if none are.</summary>
    public static HealthFinding? Gone(InstallationFiles files, IReadOnlyCollection<string> published) =>
        PublishedModels.Gone(files, published) is { Length: > 0 } gone
            ? new(Check, gone.Contains(ModelAliases.Champion + ".alias") ? HealthVerdict.Bad : HealthVerdict.Note, $"gone from {files.Models}, though they were published: {string.Join(", ", gone)}")
            {
                Command = $"put them back from a backup, or recsys train --data {files.Folder}: a training or promotion takes the models that are there for all",
            }
            : null;

    /// <summary>Returns a finding for the files that are gone, for each model that cannot be read and for each alias that does not name an undamaged one; without any, the model that serves.</summary>
    /// <exception cref="StoreUnavailableException">The models cannot be listed now.</exception>
    public async ValueTask<IReadOnlyList<HealthFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        Dictionary<ModelVersion, string> damages = await DamagesAsync(cancellationToken);
        ModelVersion[] sound = [.. (await store.ListAsync(cancellationToken)).Select(card => card.Version).Where(version => !damages.ContainsKey(version))];
        string promote = sound.Length > 0 ? $"recsys models promote {sound[0]} --data {files.Folder}" : $"recsys train --data {files.Folder}";
        List<HealthFinding> findings = [];
        HashSet<ModelVersion> named = [];
        ModelVersion? champion = null;
        if (Gone(files, published) is { } gone)
        {
            findings.Add(gone);
        }

        foreach (string alias in ModelAliases.All)
        {
            try
            {
                if (await store.GetAliasAsync(alias, cancellationToken) is not { } version)
                {
                    if (alias == ModelAliases.Champion && sound.Length + damages.Count > 0)
                    {
                        findings.Add(new(Check, HealthVerdict.Note, "there are models, but none is the champion") { Command = promote });
                    }

                    continue;
                }

                named.Add(version);
                if (!sound.Contains(version))
                {
                    findings.Add(Broken(alias, $"{version}, which {(damages.TryGetValue(version, out string? damage) ? $"is damaged: {damage}" : "is not there")}", promote));
                }
                else if (alias == ModelAliases.Champion)
                {
                    champion = version;
                }
            }
            catch (Exception error) when (error is CorruptModelException or StoreUnavailableException)
            {
                findings.Add(Broken(alias, $"no model: {error.Message}", promote));
            }
        }

        foreach ((ModelVersion version, string damage) in damages.Where(damaged => !named.Contains(damaged.Key)))
        {
            findings.Add(new(Check, HealthVerdict.Note, $"{version} is damaged, and no alias names it: {damage}")
            {
                Command = $"mv {Path.Combine(files.Models, version + ".model")} ELSEWHERE",
            });
        }

        return champion is { } serves && findings.Count == 0
            ? [new(Check, HealthVerdict.Good, $"{serves} serves{(isDeep ? $"; all {sound.Length} can be opened" : "")}")]
            : findings;
    }

    private async ValueTask<Dictionary<ModelVersion, string>> DamagesAsync(CancellationToken cancellationToken)
    {
        Dictionary<ModelVersion, string> damages = [];
        if (isDeep)
        {
            foreach (ModelCard card in await store.ListAsync(cancellationToken))
            {
                try
                {
                    using ModelSnapshot? model = await store.OpenAsync(card.Version, cancellationToken);
                }
                catch (Exception error) when (error is CorruptModelException or StoreUnavailableException)
                {
                    damages[card.Version] = error.Message;
                }
            }
        }

        foreach (DamagedModel damaged in await store.ListDamagedAsync(cancellationToken))
        {
            damages[damaged.Version] = damaged.Reason;
        }

        return damages;
    }

    // A promotion makes a champion, and the champion before it the previous one; it leaves a previous model alone where the champion stays.
    private HealthFinding Broken(string alias, string names, string promote) => alias == ModelAliases.Champion
        ? new(Check, HealthVerdict.Bad, $"the alias {alias} names {names}") { Command = promote }
        : new(Check, HealthVerdict.Note, $"the alias {alias} names {names}")
        {
            Command = $"mv {Path.Combine(files.Models, alias + ".alias")} ELSEWHERE; the next promotion or training sets it again",
        };
}

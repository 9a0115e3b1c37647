using RecSys.Core;
using RecSys.Core.Diagnostics;
using RecSys.Core.Models;
using RecSys.Core.Ports;

namespace RecSys.Cli.Hosting;

/// <summary>Checks an installation's models and aliases. It changes no data.</summary>
/// <param name="store">Store of the models to check.</param>
/// <param name="files">Their files, for the commands of the findings.</param>
/// <param name="isDeep">Whether to read every model completely; otherwise only the cards are read, and the damage that the store knows is reported.</param>
/// <param name="published">Names of the files that must exist.</param>
/// <param name="installation">The installation's id; null if it is unknown: models of other installations are then not reported.</param>
internal sealed class ModelChecks(IModelStore store, InstallationFiles files, bool isDeep, IReadOnlyCollection<string> published, InstallationId? installation)
{
    private const string Check = "models";

    /// <summary>Returns a finding for the published files that are missing; null if there are none.</summary>
    public static HealthFinding? Missing(InstallationFiles files, IReadOnlyCollection<string> published) =>
        PublishedModels.Missing(files, published) is { Length: > 0 } missing
            ? new(Check, files.ModelFiles().Count == 0 ? HealthVerdict.Bad : HealthVerdict.Note, $"published files are missing from {files.Models}: {string.Join(", ", missing)}")
            {
                Command = $"restore them from a backup, or run recsys train --data {files.Folder}: after a training or promotion only the existing models are expected",
            }
            : null;

    /// <summary>
    /// Returns a finding for the missing files, for each model that cannot be read, for each alias that does not name an undamaged one, and for the models of each other
    /// installation; if there are none, a finding for the served model.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The models cannot be listed now.</exception>
    public async ValueTask<IReadOnlyList<HealthFinding>> CheckAsync(CancellationToken cancellationToken)
    {
        Dictionary<ModelVersion, string> damages = await DamagesAsync(cancellationToken);
        IReadOnlyList<ModelCard> cards = await store.ListAsync(cancellationToken);
        ModelVersion[] sound = [.. cards.Select(card => card.Version).Where(version => !damages.ContainsKey(version))];
        string promote = sound.Length > 0 ? $"recsys models promote {sound[0]} --data {files.Folder}" : $"recsys train --data {files.Folder}";
        List<HealthFinding> findings = [];
        HashSet<ModelVersion> named = [];
        ModelVersion? champion = null;
        if (Missing(files, published) is { } missing)
        {
            findings.Add(missing);
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
                    findings.Add(Broken(alias, $"{version}, which {(damages.TryGetValue(version, out string? damage) ? $"is damaged: {damage}" : "does not exist")}", promote));
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

        findings.AddRange(OfOthers(cards, champion));
        return champion is { } serves && findings.Count == 0
            ? [new(Check, HealthVerdict.Good, $"{serves} is served{(isDeep ? $"; all {sound.Length} can be opened" : "")}")]
            : findings;
    }

    // Files of models can be copied one by one from one installation into another; the id of the folder does not detect that.
    private IEnumerable<HealthFinding> OfOthers(IReadOnlyList<ModelCard> cards, ModelVersion? champion) =>
        cards.Where(card => card.Installation is { } other && other != (installation ?? other))
            .GroupBy(card => card.Installation!.Value, card => card.Version)
            .Select(versions => new HealthFinding(
                Check,
                champion is { } served && versions.Contains(served) ? HealthVerdict.Bad : HealthVerdict.Note,
                $"{string.Join(", ", versions)} {(versions.Count() == 1 ? "was" : "were")} trained from the log of installation {versions.Key}, not of this one ({installation}): the items may be those of another catalogue")
            {
                Command = $"recsys train --data {files.Folder}, then mv {string.Join(' ', versions.Select(version => Path.Combine(files.Models, version + ".model")))} ELSEWHERE",
            });

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

    // A promotion sets the champion and makes the old champion the previous model; if the champion does not change, neither does the previous model.
    private static HealthFinding Broken(string alias, string names, string promote) => alias == ModelAliases.Champion
        ? new(Check, HealthVerdict.Bad, $"the alias {alias} names {names}") { Command = promote }
        : new(Check, HealthVerdict.Note, $"the alias {alias} names {names}")
        {
            Command = $"{promote}: a promotion or training sets it again",
        };
}

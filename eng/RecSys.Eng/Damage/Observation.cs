using System.Text.Json;
using RecSys.Client;

namespace RecSys.Eng.Damage;

/// <summary>A server's answers about an installation: sets of texts, by kind and name.</summary>
internal sealed class Observation
{
    private readonly Dictionary<(string Kind, string Name), HashSet<string>> _held = [];

    /// <summary>Gets the calls that were answered by an error, by kind.</summary>
    public SortedDictionary<string, string> Errors { get; } = new(StringComparer.Ordinal);

    /// <summary>Requests all observed answers.</summary>
    public static async Task<Observation> OfAsync(RecSysClient client, Installation installation, CancellationToken cancellationToken)
    {
        Observation seen = new();
        foreach (string user in installation.Users)
        {
            await seen.TryAsync("histories", async () =>
                seen.Add("histories", user, (await client.GetHistoryAsync(user, count: 1_024, cancellationToken: cancellationToken)).Items.Select(entry => entry.Id!)));
            await seen.TryAsync("profiles", async () =>
                seen.Add("profiles", user, (await client.GetUserAsync(user, cancellationToken))?.Labels?.Select(label => $"{label.Key}={label.Value}") ?? []));
            await seen.TryAsync("exports", () => seen.ExportAsync(client, user, cancellationToken));
        }

        await seen.TryAsync("items", async () =>
            seen.Add("items", "", (await client.GetItemsAsync(count: 100, cancellationToken: cancellationToken)).Items.Select(item => $"{item.ItemId} {item.Title}")));
        await seen.TryAsync("models", async () =>
        {
            IReadOnlyList<ModelResponse> models = (await client.GetModelsAsync(cancellationToken)).Items;
            seen.Add("models", "", models.Select(model => model.Version));
            seen.Add("aliases", "", models.SelectMany(model => model.Alias ?? []));

            // Any model may be served, also an older one.
            seen.Add("served model", "", (await client.GetStatusAsync(cancellationToken)).ModelVersion is null ? [] : ["one"]);
        });
        await seen.TryAsync("settings", async () =>
            seen.Add("settings", "", (await client.GetSettingsAsync(cancellationToken)).Settings
                .Where(setting => setting.Name.EndsWith("answerTimeout", StringComparison.OrdinalIgnoreCase)).Select(setting => setting.Value ?? "")));
        await seen.TryAsync("trends", async () =>
            seen.Add("trends", "", (await client.GetTrendingAsync(count: 100, cancellationToken: cancellationToken)).Items.Select(item => item.ItemId)));
        return seen;
    }

    /// <summary>Adds values to those of a kind and name.</summary>
    public void Add(string kind, string name, IEnumerable<string> values)
    {
        if (!_held.TryGetValue((kind, name), out HashSet<string>? held))
        {
            _held[(kind, name)] = held = new(StringComparer.Ordinal);
        }

        held.UnionWith(values);
    }

    /// <summary>Returns a copy.</summary>
    public Observation Copy()
    {
        Observation copy = new();
        foreach (((string kind, string name), HashSet<string> values) in _held)
        {
            copy.Add(kind, name, values);
        }

        return copy;
    }

    /// <summary>Returns the differences from the expected answers, in words; empty if there are none.</summary>
    /// <remarks>An answer that is replaced by an error does not count as a difference: the caller gets the error.</remarks>
    public List<string> DifferencesFrom(Observation expected)
    {
        SortedDictionary<string, (int Lost, int Added)> kinds = new(StringComparer.Ordinal);
        foreach ((string kind, string name) in expected._held.Keys.Union(_held.Keys))
        {
            if (Errors.ContainsKey(kind))
            {
                continue;
            }

            HashSet<string> should = expected._held.GetValueOrDefault((kind, name)) ?? [];
            HashSet<string> does = _held.GetValueOrDefault((kind, name)) ?? [];
            (int lost, int added) = kinds.GetValueOrDefault(kind);
            kinds[kind] = (lost + should.Except(does).Count(), added + does.Except(should).Count());
        }

        return [.. kinds.Where(kind => kind.Value != default).Select(kind =>
            $"{kind.Key}: {(kind.Value.Lost > 0 ? $"{kind.Value.Lost} lost" : "")}{(kind.Value is (> 0, > 0) ? ", " : "")}{(kind.Value.Added > 0 ? $"{kind.Value.Added} too many" : "")}")];
    }

    private async Task TryAsync(string kind, Func<Task> ask)
    {
        try
        {
            await ask();
        }
        catch (RecSysException error)
        {
            Errors[kind] = error.Message;
        }
    }

    // Interactions by their ids; shown slates as they are reported.
    private async Task ExportAsync(RecSysClient client, string user, CancellationToken cancellationToken)
    {
        await using Stream stream = await client.ExportUserAsync(user, cancellationToken);
        using StreamReader reader = new(stream);
        List<string> interactions = [];
        List<string> shown = [];
        bool isWhole = false;
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
        {
            using JsonDocument json = JsonDocument.Parse(line);
            string kind = json.RootElement.GetProperty("kind").GetString()!;
            switch (kind)
            {
                case "interaction":
                    interactions.Add(json.RootElement.GetProperty("id").GetString()!);
                    break;
                case "end":
                    isWhole = true;
                    break;
                case "profile":
                    break;
                default:
                    shown.Add(line);
                    break;
            }
        }

        if (!isWhole)
        {
            throw new RecSysException("an export has no line of the kind end");
        }

        Add("exports", user, interactions);
        Add("slates shown", user, shown);
    }
}

using System.CommandLine;
using RecSys.Eng;
using RecSys.Eng.Chaos;
using RecSys.Eng.Damage;
using RecSys.Eng.Kills;
using RecSys.Eng.Mutations;

Option<string?> only = new("--only") { Description = "Runs only the cases whose text contains this; for mutations several texts, separated by |.", HelpName = "TEXT" };
Option<bool> check = new("--check") { Description = "Only compares the table with the code." };
Option<bool> write = new("--write") { Description = $"Writes the table into {Report.File}." };
Option<int> rounds = new("--rounds") { Description = "How many times the server is killed.", DefaultValueFactory = _ => KillRun.RoundsOfAReport };
Option<int> seed = new("--seed") { Description = "Seed of the moments and of the written data.", DefaultValueFactory = _ => 2026 };

Command mutations = new("mutations", "Break the code one line at a time; a fast test must fail each time.") { only, check, write };
mutations.SetAction((parsed, cancel) => MutationRun.RunAsync(
    parsed.GetValue(only), parsed.GetValue(check), Report.Of("mutations", parsed.GetValue(write)), cancel));
Command kills = new("kills", "Kill a server under writes again and again; nothing acknowledged may be lost.") { rounds, seed, write };
kills.SetAction((parsed, cancel) => KillRun.ReportAsync(
    parsed.GetValue(rounds), parsed.GetValue(seed), Report.Of("kills", parsed.GetValue(write)), cancel));
Command damage = new("damage", "Damage each file of a data folder in each way; no loss may be silent.") { only, write };
damage.SetAction((parsed, cancel) => DamageRun.RunAsync(parsed.GetValue(only), Report.Of("damage", parsed.GetValue(write)), cancel));
ChaosOptions defaults = new();
Option<string> steps = new("--steps")
{
    Description = "The disturbances, in their order: " + string.Join(", ", ChaosSteps.Names) + ".",
    HelpName = "STEP,STEP",
    DefaultValueFactory = _ => string.Join(',', ChaosSteps.Names),
};
Option<int> interactions = new("--interactions") { Description = "How many interactions are recorded.", DefaultValueFactory = _ => defaults.Interactions };
Option<int> users = new("--users") { Description = "Of how many users.", DefaultValueFactory = _ => defaults.Users };
Option<string?> logs = new("--logs") { Description = "Writes the log of each node and the table of all seconds into this folder.", HelpName = "FOLDER" };
Option<int?> pace = new("--pace") { Description = "Seconds in which the interactions are recorded; about the time of the steps by default.", HelpName = "SECONDS" };
Option<int> settling = new("--settling") { Description = "Seconds without a disturbance after each one.", HelpName = "SECONDS", DefaultValueFactory = _ => (int)defaults.Settling.TotalSeconds };
Option<int> margin = new("--margin") { Description = "Factor of all times that are judged, for a machine that other programs use too.", DefaultValueFactory = _ => defaults.Margin };
Command chaos = new("chaos", "Kill, suspend and restart the nodes of a cluster of three, its database and its broker under load; no acknowledged interaction may be lost.")
{
    steps, interactions, users, seed, pace, settling, margin, logs, write,
};
chaos.SetAction((parsed, cancel) => ChaosRun.ReportAsync(OptionsOf(parsed, steps, from: null), Report.Of("chaos", parsed.GetValue(write)), cancel));
Option<string> from = new("--from") { Description = "The older program: the folder of a published one, or a commit, which is built.", HelpName = "FOLDER|COMMIT", Required = true };
Option<string> versions = new("--steps")
{
    Description = "The replacements and disturbances, in their order: " + string.Join(", ", [.. ChaosSteps.NamesOfTwoVersions, .. ChaosSteps.Names]) + ".",
    HelpName = "STEP,STEP",
    DefaultValueFactory = _ => ChaosSteps.NamesOfTwoVersions[0],
};
Command upgrade = new("upgrade", "Replace the program of one node after another in a cluster of three under load; no acknowledged interaction may be lost.")
{
    from, versions, interactions, users, seed, pace, settling, margin, logs, write,
};
upgrade.SetAction((parsed, cancel) => ChaosRun.ReportAsync(OptionsOf(parsed, versions, parsed.GetValue(from)), Report.Of("upgrade", parsed.GetValue(write)), cancel));
return await new RootCommand("Tests the tests (mutations) and the guarantees (kills, damage, chaos, upgrade).") { mutations, kills, damage, chaos, upgrade }.Parse(args).InvokeAsync();

ChaosOptions OptionsOf(ParseResult parsed, Option<string> steps, string? from) => new()
{
    Steps = parsed.GetValue(steps)!.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
    Interactions = parsed.GetValue(interactions),
    Users = parsed.GetValue(users),
    Seed = parsed.GetValue(seed),
    Settling = TimeSpan.FromSeconds(parsed.GetValue(settling)),
    Pace = parsed.GetValue(pace) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
    Margin = parsed.GetValue(margin),
    Logs = parsed.GetValue(logs),
    From = from,
};

using System.CommandLine;
using RecSys.Eng;
using RecSys.Eng.Damage;
using RecSys.Eng.Mutations;

Option<string?> only = new("--only") { Description = "Runs only the cases whose text contains this.", HelpName = "TEXT" };
Option<bool> write = new("--write") { Description = $"Writes the table into {Report.File}." };

Command mutations = new("mutations", "Break the code one line at a time; a fast test must fail each time.") { only, write };
mutations.SetAction((parsed, cancel) => MutationRun.RunAsync(parsed.GetValue(only), Report.Of("mutations", parsed.GetValue(write)), cancel));
Command damage = new("damage", "Damage each file of a data folder in each way; no loss may be silent.") { only, write };
damage.SetAction((parsed, cancel) => DamageRun.RunAsync(parsed.GetValue(only), Report.Of("damage", parsed.GetValue(write)), cancel));
return await new RootCommand("Tests of the tests and of the promises.") { mutations, damage }.Parse(args).InvokeAsync();

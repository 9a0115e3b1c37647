using System.CommandLine;
using Microsoft.Extensions.Configuration;
using RecSys.Cli.Bench;

namespace RecSys.Cli.Commands;

/// <summary><c>recsys bench</c>: measures this machine.</summary>
internal static class BenchCommand
{
    public static Command Create(Shared shared, Terminal terminal, TimeProvider time)
    {
        Command bench = Shared.Command("bench", "Measure the performance of this machine, one line per figure.", "bench ingest");
        bench.Subcommands.Add(Ingest(shared, terminal, time));
        bench.Subcommands.Add(Serve(shared, terminal, time));
        bench.Subcommands.Add(Overload(shared, terminal, time));
        bench.Subcommands.Add(Train(shared, terminal, time));
        bench.Subcommands.Add(Profiles(shared, terminal, time));
        bench.Subcommands.Add(Cluster(shared, terminal, time));
        return bench;
    }

    private static Command Ingest(Shared shared, Terminal terminal, TimeProvider time)
    {
        Option<int> seconds = Number("--seconds", "How long each load lasts.", 10);
        Option<int> sustained = Number("--sustained", "Duration of the sustained load in seconds.", 60);
        Option<int> rate = Number("--rate", "Rate of the sustained load, in interactions per second.", 50_000);
        Command command = Shared.Command("ingest", "Measure interactions over HTTP: acknowledged writes, sustained rate, freshness, and a rebuild.", "bench ingest --sustained 300");
        command.Options.Add(seconds);
        command.Options.Add(sustained);
        command.Options.Add(rate);
        command.Options.Add(shared.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IngestBench run = new(new Figures(terminal, parsed.GetValue(shared.Json)), terminal, time);
            await run.RunAsync(
                TimeSpan.FromSeconds(parsed.GetValue(seconds)), TimeSpan.FromSeconds(parsed.GetValue(sustained)), parsed.GetValue(rate), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Serve(Shared shared, Terminal terminal, TimeProvider time)
    {
        Option<int> seconds = Number("--seconds", "Duration of each round in seconds.", 10);
        Command command = Shared.Command(
            "serve", "Measure slates per second and their latencies, compared with an empty endpoint, alone and while a model is trained.", "bench serve --data films");
        command.Options.Add(seconds);
        command.Options.Add(shared.Data);
        command.Options.Add(shared.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            ServeBench run = new(new Figures(terminal, parsed.GetValue(shared.Json)), terminal, time);
            await run.RunAsync(Existing(parsed.GetValue(shared.Data)!), TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Overload(Shared shared, Terminal terminal, TimeProvider time)
    {
        Option<int> seconds = Number("--seconds", "How long each load lasts.", 10);
        Option<int> times = Number("--times", "Rate of the overload, as a multiple of the capacity.", 3);
        Command command = Shared.Command(
            "overload", "Measure slates at a rate above the capacity: answered and refused ones, latencies, share of each tier.", "bench overload --data films");
        command.Options.Add(seconds);
        command.Options.Add(times);
        command.Options.Add(shared.Data);
        command.Options.Add(shared.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            OverloadBench run = new(new Figures(terminal, parsed.GetValue(shared.Json)), terminal, time);
            await run.RunAsync(
                Existing(parsed.GetValue(shared.Data)!), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(times), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Train(Shared shared, Terminal terminal, TimeProvider time)
    {
        Command command = Shared.Command("train", "Measure the duration of a training on the data of a folder.", "bench train --data films");
        command.Options.Add(shared.Data);
        command.Options.Add(shared.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            await new TrainBench(new Figures(terminal, parsed.GetValue(shared.Json)), time).RunAsync(Existing(parsed.GetValue(shared.Data)!), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Profiles(Shared shared, Terminal terminal, TimeProvider time)
    {
        Option<int> users = Number("--users", "Number of known users.", 100_000);
        Option<int> live = Number("--live", "Number of users in memory.", 20_000);
        Option<int> interactions = Number("--interactions", "Number of interactions of a user in memory.", 64);
        Command command = Shared.Command(
            "profiles", "Measure the bytes of a user in memory, loading users from disk, and stopping with all users saved.", "bench profiles --users 1000000 --live 200000");
        command.Options.Add(users);
        command.Options.Add(live);
        command.Options.Add(interactions);
        command.Options.Add(shared.Json);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            if (parsed.GetValue(live) > parsed.GetValue(users))
            {
                throw new CommandException("--live is more than --users", ExitCodes.WrongUsage);
            }

            ProfilesBench run = new(new Figures(terminal, parsed.GetValue(shared.Json)), terminal, time);
            await run.RunAsync(parsed.GetValue(users), parsed.GetValue(live), parsed.GetValue(interactions), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Command Cluster(Shared shared, Terminal terminal, TimeProvider time)
    {
        const int RecordsMax = 100_000_000;
        Option<int> records = Number("--records", "Number of interactions in the log.", 2_000_000);
        Option<int> seconds = Number("--seconds", "How long each load lasts.", 10);
        Command command = Shared.Command(
            "cluster",
            "Measure nodes on running servers of Kafka and PostgreSQL: saves, ingestion, local and remote reads, failover, loading users. The topic and the schema are new, and removed at the end.",
            "bench cluster --log kafka://127.0.0.1:9092 --store postgres://recsys@127.0.0.1:5432/postgres");
        command.Options.Add(records);
        command.Options.Add(seconds);
        command.Options.Add(shared.Log);
        command.Options.Add(shared.Store);
        command.Options.Add(shared.Json);
        command.Validators.Add(parsed =>
        {
            if (parsed.GetValue(records) > RecordsMax)
            {
                parsed.AddError($"--records: at most {Terminal.Number(RecordsMax)} are allowed");
            }
        });
        command.SetAction(async (parsed, cancellationToken) =>
        {
            IConfiguration configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddInMemoryCollection(shared.StoreSettings(parsed)).Build();
            await using ClusterPlace place = await ClusterPlace.CreateAsync(configuration, terminal, cancellationToken);
            ClusterBench run = new(new Figures(terminal, parsed.GetValue(shared.Json)), time);
            await run.RunAsync(place, parsed.GetValue(records), TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancellationToken);
            return ExitCodes.Done;
        });
        return command;
    }

    private static Option<int> Number(string name, string description, int defaultValue)
    {
        Option<int> option = new(name) { Description = description, DefaultValueFactory = _ => defaultValue, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count > 0 && (!int.TryParse(result.Tokens[0].Value, out int number) || number < 1))
            {
                result.AddError($"{name}: '{result.Tokens[0].Value}' is not a whole number of 1 or more");
            }
        });
        return option;
    }

    private static string Existing(string data) =>
        File.Exists(Path.Combine(data, "log.db"))
            ? data
            : throw new CommandException($"{data}: is not a data folder; create one with recsys import, or set another with --data");
}

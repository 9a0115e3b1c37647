using Microsoft.Extensions.DependencyInjection;
using RecSys.Batch.Replay;
using RecSys.Cli.Hosting;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Files;
using RecSys.Numerics;
using RecSys.Serving;
using RecSys.Sqlite;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>An evaluation judges the slates that a server serves.</summary>
public sealed class EvaluatedSlatesTests : IDisposable
{
    private const int Users = 40;
    private const int Items = 60;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-evaluated-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    [Trait("Category", "Slow")]
    public async Task Slates_of_a_replay_are_item_by_item_those_of_a_server_with_the_same_log_at_the_same_moment()
    {
        using DataFolder data = DataFolder.TryLock(_folder.FullName)!;
        Dictionary<string, string[]> served = [];
        DateTimeOffset moment;
        RecSysHost host = await RecSysHost.StartAsync(
            new HostArguments(data)
            {
                Urls = "http://127.0.0.1:0",
                Settings = new Dictionary<string, string?>
                {
                    ["recsys:serving:deadline"] = "00:00:05",
                    ["recsys:serving:listLifetime"] = "00:00:00", // a list that was kept before the writes lacks them
                    ["recsys:serving:newItemShare"] = "0", // drawn by chance
                    ["recsys:batch:firstAfter"] = "00:00:00",
                    ["recsys:batch:interval"] = "00:00:00",
                },
            },
            Cancel);
        await using (host)
        {
            using RecSysClient client = new(new RecSysClientOptions { BaseAddress = host.Url });
            moment = TimeProvider.System.GetUtcNow();
            await FillAsync(client, moment);
            JobResponse training = await client.StartJobAsync(new JobRequest { Kind = "train" }, Cancel);
            await client.WaitForJobAsync(training.Id, cancellationToken: Cancel);
            await CatchUp.WaitAsync(client, TimeProvider.System, Cancel);
            for (int user = 0; user <= Users; user++)
            {
                RecommendationsResponse slate = await client.GetRecommendationsAsync($"u{user}", count: 12, cancellationToken: Cancel);
                Assert.Empty(slate.DegradedReasons ?? []);
                served[$"u{user}"] = [.. slate.Items.Select(item => item.ItemId)];
            }
        }

        Dictionary<string, string[]> replayed = await ReplayAsync(data.Files, moment);

        Assert.True(served.Values.Select(slate => string.Join(' ', slate)).Distinct().Count() > Users / 2);
        foreach ((string user, string[] slate) in served)
        {
            Assert.Equal(slate, replayed[user]);
        }
    }

    private static async Task FillAsync(RecSysClient client, DateTimeOffset moment)
    {
        await client.PutItemsAsync(
            [.. Enumerable.Range(0, Items).Select(item => new ItemRow { ItemId = $"i{item}", Title = $"Thing {item}", Categories = [$"c{item % 5}", $"d{item % 7}"] })], Cancel);
        SeededRandom random = new(3);
        List<InteractionBody> acts = [];
        string[] types = ["view", "view", "view", "click", "like", "purchase", "dislike"];
        for (int i = 0; i < 1_500; i++)
        {
            int user = random.NextInt(Users);
            int item = ((user % 5) + (5 * random.NextInt(Items / 5)) + (random.NextDouble() < 0.2 ? 1 : 0)) % Items;
            acts.Add(new InteractionBody
            {
                UserId = $"u{user}",
                ItemId = $"i{item}",
                Type = types[random.NextInt(types.Length)],
                Timestamp = moment - TimeSpan.FromMinutes((1_500 - i) * 20) - TimeSpan.FromHours(2),
            });
        }

        await client.RecordAsync(acts, Cancel);
    }

    private static async Task<Dictionary<string, string[]>> ReplayAsync(InstallationFiles files, DateTimeOffset moment)
    {
        OwnerHash owners = SqliteInstallation.OpenOwnerHash(files.Log);
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = files.Log }, new LogRecordCodec(owners), TimeProvider.System);
        ReplayWorld world = LogWorld.Read(log, await log.GetEndAsync(Cancel), InteractionTypes.Default, progress: null, Cancel);
        using FileModelStore models = new(files.Models, SqliteInstallation.ControlOf(files.Log), TimeProvider.System);
        ModelVersion version = (await models.GetAliasAsync(ModelAliases.Champion, Cancel))!.Value;
        using ModelSnapshot model = (await models.OpenAsync(version, Cancel))!;
        await using ServiceProvider services = new ServiceCollection()
            .AddSingleton(TimeProvider.System)
            .AddSingleton(InteractionTypes.Default)
            .AddSingleton(owners)
            .AddServingLayer()
            .Configure<ServingOptions>(options => options.NewItemShare = 0)
            .BuildServiceProvider();
        WorldReplay replay = new(world, new TrendsOptions());
        replay.Apply(0, world.Records.Count);
        replay.Time.MoveTo(moment.ToUnixTimeMilliseconds());
        using IEvaluatedSlates slates = services.GetRequiredService<ISlateEvaluation>().Open(new EvaluatedViews(replay, replay, replay, model, replay.Time, Seed: 1));
        Dictionary<string, string[]> replayed = [];
        for (int user = 0; user <= Users; user++)
        {
            Slate slate = await slates.SlateAsync(new SlateRequest { User = new UserId($"u{user}"), Count = 12 }, Cancel);
            replayed[$"u{user}"] = [.. slate.Items.Select(item => item.Item.Value)];
        }

        return replayed;
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using RecSys.Cli.Bench;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>The real program erases a person: their bytes are searched for in every file of the folder.</summary>
[Trait("Category", "Slow")]
public sealed class ErasedPersonTests : IDisposable
{
    private const string Person = "marguerite 🦊 o'neill/42";
    private const string Before = "guest-before-log-in-7781";

    // Everything of them that could stay behind somewhere.
    private static readonly string[] Traces =
        [Person, Before, "their-own-interaction", "their-own-device", "their-own-label", "their-own-place", "their-own-session"];

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["recsys:speed:saveAfter"] = "00:00:00.200",
        ["recsys:speed:foldSaveEvery"] = "00:00:00.500",
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-erase-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task No_byte_of_an_erased_person_is_left_and_nothing_brings_them_back()
    {
        await using (ServerProcess server = await StartAsync())
        {
            using RecSysClient client = Client(server);
            await LiveAsync(client);
            Assert.NotEmpty(TracesFound()); // the search finds what is there

            ErasureResponse erased = await client.EraseUserAsync(Person, Cancel);
            await UntilDoneAsync(server, erased.Receipt);
            await GoneAsync(client, erased.Position);
            Assert.Empty(TracesFound());

            // No late save, no training and no rebuild knows them.
            await RunAsync(client, "train");
            await RunAsync(client, "rebuild");
            await GoneAsync(client, erased.Position);
        }

        Assert.Empty(TracesFound());
        await using (ServerProcess again = await StartAsync())
        {
            using RecSysClient client = Client(again);
            await GoneAsync(client, after: null);

            // Whoever comes under this id later is somebody new.
            AcceptedResponse accepted = await client.RecordAsync(new InteractionBody { UserId = Person, ItemId = "item-1", Type = "view" }, Cancel);
            Assert.Single((await client.GetHistoryAsync(Person, after: accepted.Position, cancellationToken: Cancel)).Items);
        }
    }

    private static async Task LiveAsync(RecSysClient client)
    {
        List<InteractionBody> rows = [];
        for (int user = 0; user < 60; user++)
        {
            for (int item = 0; item < 20; item++)
            {
                rows.Add(Row(string.Create(CultureInfo.InvariantCulture, $"user-{user}"), (user % 5) + (5 * item)));
            }
        }

        for (int item = 0; item < 20; item++)
        {
            rows.Add(Row(Before, item) with { Id = $"their-own-interaction-{item}" });
            rows.Add(Row(Person, item) with
            {
                Id = $"their-own-interaction-{item + 100}",
                RecommendationId = "their-own-session",
                Context = new ContextBody { Device = "their-own-device", Location = "their-own-place" },
            });
        }

        await client.RecordAsync(rows, Cancel);
        using JsonDocument label = JsonDocument.Parse("\"their-own-label\"");
        await client.PutUserAsync(Person, new UserBody { Labels = new(StringComparer.Ordinal) { ["name"] = label.RootElement } }, Cancel);
        AcceptedResponse merged = await client.MergeUsersAsync(Person, Before, Cancel);
        await RunAsync(client, "train");
        RecommendationsResponse slate = await client.GetRecommendationsAsync(Person, after: merged.Position, cancellationToken: Cancel);
        Assert.NotEmpty(slate.Items);
        HistoryResponse history = await client.GetHistoryAsync(Person, count: 100, after: merged.Position, cancellationToken: Cancel);
        Assert.Equal(40, history.Items.Count);
        await Task.Delay(TimeSpan.FromSeconds(2), TimeProvider.System, Cancel); // states and folds are saved
    }

    private static InteractionBody Row(string user, int item) =>
        new() { UserId = user, ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{item}"), Type = "click" };

    private static async Task GoneAsync(RecSysClient client, string? after)
    {
        HistoryResponse history = await client.GetHistoryAsync(Person, after: after, cancellationToken: Cancel);
        Assert.Empty(history.Items);
        Assert.Empty((await client.GetHistoryAsync(Before, after: after, cancellationToken: Cancel)).Items);
        UserResponse? user = await client.GetUserAsync(Person, Cancel);
        Assert.True(user?.Labels is null or { Count: 0 });
    }

    private static async Task RunAsync(RecSysClient client, string kind)
    {
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = kind }, Cancel);
        JobResponse ended = await client.WaitForJobAsync(job.Id, cancellationToken: Cancel);
        Assert.True(ended.State == JobStates.Succeeded, $"{kind}: {ended.Message}");
    }

    private static async Task UntilDoneAsync(ServerProcess server, string receipt)
    {
        using HttpClient http = new() { BaseAddress = server.Url };
        using CancellationTokenSource patience = new(Patience);
        string answer = "";
        while (!answer.Contains("\"done\"", StringComparison.Ordinal))
        {
            answer = await http.GetStringAsync(new Uri($"/v1/erasures/{receipt}", UriKind.Relative), patience.Token);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, patience.Token);
        }
    }

    private List<string> TracesFound()
    {
        List<string> found = [];
        foreach (FileInfo file in _folder.EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Name != "lock"))
        {
            using FileStream stream = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            found.AddRange(Traces.Where(trace => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(trace)) >= 0).Select(trace => $"{trace} in {file.Name}"));
        }

        return found;
    }

    private Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(_folder.FullName, Settings, TimeProvider.System, Cancel);

    private static RecSysClient Client(ServerProcess server) =>
        new(new RecSysClientOptions { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(30) });
}

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

    // All texts of the person that could remain in a file.
    private static readonly string[] Traces =
        [Person, Before, "their-own-interaction", "their-own-device", "their-own-label", "their-own-place", "their-own-session"];

    private readonly ShopFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task An_erasure_leaves_no_bytes_and_the_person_never_returns()
    {
        await using (ServerProcess server = await _folder.StartAsync())
        {
            using RecSysClient client = ShopFolder.Client(server);
            await LiveAsync(client);
            Assert.NotEmpty(_folder.Found(Traces)); // the search finds what is there

            ErasureResponse erased = await client.EraseUserAsync(Person, Cancel);
            await ShopFolder.UntilDoneAsync(client, erased.Receipt);
            await GoneAsync(client, erased.Position);
            Assert.Empty(_folder.Found(Traces));

            // Neither a late save nor a training nor a rebuild restores them.
            await ShopFolder.RunAsync(client, "train");
            await ShopFolder.RunAsync(client, "rebuild");
            await GoneAsync(client, erased.Position);
        }

        Assert.Empty(_folder.Found(Traces));
        await using (ServerProcess again = await _folder.StartAsync())
        {
            using RecSysClient client = ShopFolder.Client(again);
            await GoneAsync(client, after: null);

            // Later records with this id belong to a new person.
            AcceptedResponse accepted = await client.RecordAsync(new InteractionBody { UserId = Person, ItemId = "item-1", Type = "view" }, Cancel);
            Assert.Single((await client.GetHistoryAsync(Person, after: accepted.Position, cancellationToken: Cancel)).Items);
        }
    }

    private static async Task LiveAsync(RecSysClient client)
    {
        List<InteractionBody> rows = [.. ShopFolder.Crowd()];
        for (int item = 0; item < 20; item++)
        {
            rows.Add(ShopFolder.Click(Before, item) with { Id = $"their-own-interaction-{item}" });
            rows.Add(ShopFolder.Click(Person, item) with
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
        await ShopFolder.RunAsync(client, "train");
        RecommendationsResponse slate = await client.GetRecommendationsAsync(Person, after: merged.Position, cancellationToken: Cancel);
        Assert.NotEmpty(slate.Items);
        HistoryResponse history = await client.GetHistoryAsync(Person, count: 100, after: merged.Position, cancellationToken: Cancel);
        Assert.Equal(40, history.Items.Count);
        await ShopFolder.SavedAsync();
    }

    private static async Task GoneAsync(RecSysClient client, string? after)
    {
        HistoryResponse history = await client.GetHistoryAsync(Person, after: after, cancellationToken: Cancel);
        Assert.Empty(history.Items);
        Assert.Empty((await client.GetHistoryAsync(Before, after: after, cancellationToken: Cancel)).Items);
        UserResponse? user = await client.GetUserAsync(Person, Cancel);
        Assert.True(user?.Labels is null or { Count: 0 });
    }
}

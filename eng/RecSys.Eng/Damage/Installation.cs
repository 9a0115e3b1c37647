using System.Globalization;
using System.Text.Json;
using RecSys.Client;
using RecSys.Eng.Servers;

namespace RecSys.Eng.Damage;

/// <summary>A small installation with data in every file. It is created in two parts: the first ends with an orderly stop, the second with a kill.</summary>
/// <remarks>After the kill, the newer half of the log and of the states is in their write-ahead logs.</remarks>
internal sealed class Installation
{
    /// <summary>The user with the interaction that is damaged inside the log.</summary>
    public const int MarkedUser = 5;

    /// <summary>The user that is erased after the damage.</summary>
    public const int ErasedLater = 3;

    private const int UsersCount = 16;
    private const int ItemsCount = 24;
    private const int OlderEach = 10;
    private const int NewerEach = 6;

    private static readonly TimeSpan StartMax = TimeSpan.FromSeconds(60);

    // Longer than a state or a fold waits for its save, and longer than the time between two marks of the shown slates, which are not acknowledged: a crash
    // may lose those after the last mark.
    private static readonly TimeSpan UntilSaved = TimeSpan.FromMilliseconds(6_500);

    private readonly string _name;

    private Installation(string name) => _name = name;

    /// <summary>Gets settings with which states are saved soon, and no model is trained without a request.</summary>
    public static Dictionary<string, string> Settings { get; } = new(StringComparer.Ordinal)
    {
        ["recsys:speed:saveAfter"] = "00:00:00.200",
        ["recsys:speed:foldSaveEvery"] = "00:00:00.300",
        ["recsys:speed:checkpointEvery"] = "00:00:00.500",
        ["recsys:batch:interval"] = "00:00:00",
        ["recsys:serving:deadline"] = "00:00:02",
    };

    /// <summary>Gets the path of the folder as it was after the first part.</summary>
    public string Older { get; private set; } = "";

    /// <summary>Gets the path of the folder as the kill left it.</summary>
    public string Newer { get; private set; } = "";

    /// <summary>Gets the users with data.</summary>
    public IEnumerable<string> Users => Enumerable.Range(0, UsersCount).Select(User).Append(Erased).Append(Guest);

    /// <summary>Gets the user that was erased in the second part.</summary>
    public string Erased => $"{_name}-erased";

    /// <summary>Gets a text that only the data of <see cref="ErasedLater"/> contains.</summary>
    public string TraceOfErasedLater => Device(ErasedLater);

    /// <summary>Gets the id of an interaction of <see cref="MarkedUser"/> in the older half of the log.</summary>
    public string MarkedInteraction => Id(MarkedUser, 2);

    /// <summary>Gets the id of an interaction of <see cref="MarkedUser"/> in the newer half of the log.</summary>
    public string NewerMarkedInteraction => Id(MarkedUser, OlderEach + 2);

    private string Guest => $"{_name}-guest";

    /// <summary>Creates an installation.</summary>
    /// <param name="folder">Parent of the two folders.</param>
    /// <param name="name">Beginning of its users' ids.</param>
    /// <param name="cancellationToken">Cancels the run.</param>
    public static async Task<Installation> MakeAsync(string folder, string name, CancellationToken cancellationToken)
    {
        Installation made = new(name) { Older = Path.Combine(folder, $"{name}-older"), Newer = Path.Combine(folder, $"{name}-newer") };
        Directory.CreateDirectory(made.Newer);
        await File.WriteAllTextAsync(
            Path.Combine(made.Newer, "appsettings.json"), """{ "recsys": { "speed": { "answerTimeout": "00:00:04" } } }""", cancellationToken);
        await using (ServerUnderTest server = await ServerUnderTest.LaunchAsync(made.Newer, Settings, StartMax, cancellationToken))
        {
            using RecSysClient client = Client(server);
            await made.FirstPartAsync(client, cancellationToken);
            await Task.Delay(UntilSaved, TimeProvider.System, cancellationToken);
            await server.StopAsync(StartMax);
        }

        Folders.Copy(made.Newer, made.Older);
        await using (ServerUnderTest server = await ServerUnderTest.LaunchAsync(made.Newer, Settings, StartMax, cancellationToken))
        {
            using RecSysClient client = Client(server);
            await made.SecondPartAsync(client, server.Url!, cancellationToken);
            await Task.Delay(UntilSaved, TimeProvider.System, cancellationToken);
            await server.KillAsync();
        }

        return made;
    }

    /// <summary>Returns a client of a server that has started.</summary>
    public static RecSysClient Client(ServerUnderTest server) =>
        new(new RecSysClientOptions
        {
            BaseAddress = server.Url ?? throw new InvalidOperationException($"the server did not start: {string.Join(' ', server.Log)}"),
            RetriesMax = 0,
            Timeout = TimeSpan.FromSeconds(20),
        });

    /// <summary>Waits until a receipt reports "done".</summary>
    /// <returns>False if it does not within the time.</returns>
    public static async Task<bool> UntilErasedAsync(Uri server, string receipt, TimeSpan timeout, CancellationToken cancellationToken)
    {
        using HttpClient http = new() { BaseAddress = server };
        long began = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(began) < timeout)
        {
            using HttpResponseMessage answer = await http.GetAsync(new Uri($"/v1/erasures/{receipt}", UriKind.Relative), cancellationToken);
            if ((await answer.Content.ReadAsStringAsync(cancellationToken)).Contains("\"done\"", StringComparison.Ordinal))
            {
                return true;
            }

            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, cancellationToken);
        }

        return false;
    }

    /// <summary>Returns the id of a user.</summary>
    public string User(int number) => string.Create(CultureInfo.InvariantCulture, $"{_name}-{number}");

    /// <summary>Returns a new interaction.</summary>
    public InteractionBody New(int user, int number) => new()
    {
        UserId = User(user),
        ItemId = Item((user % 4) + (4 * (number % 6))),
        Type = "click",
        Id = Id(user, number),
        Context = new ContextBody { Device = Device(user) },
    };

    private static string Item(int number) => string.Create(CultureInfo.InvariantCulture, $"item-{number}");

    private string Id(int user, int number) => string.Create(CultureInfo.InvariantCulture, $"{_name}-did-{user:00}-{number:00}");

    private string Device(int user) => string.Create(CultureInfo.InvariantCulture, $"{_name}-device-of-{user:00}");

    private async Task FirstPartAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        await client.PutItemsAsync(
            [.. Enumerable.Range(0, ItemsCount).Select(item => new ItemRow { ItemId = Item(item), Title = $"Title of {item} in {_name}", Categories = [$"c{item % 4}"] })],
            cancellationToken);
        await client.RecordAsync([.. Rows(0, OlderEach), .. Rows(Erased, 5), .. Rows(Guest, 3)], cancellationToken);
        using JsonDocument label = JsonDocument.Parse($"\"label in {_name}\"");
        for (int user = 0; user < 4; user++)
        {
            await client.PutUserAsync(User(user), new UserBody { Labels = new(StringComparer.Ordinal) { ["name"] = label.RootElement } }, cancellationToken);
        }

        await TrainAsync(client, cancellationToken);
        await SlatesAsync(client, cancellationToken);
    }

    private async Task SecondPartAsync(RecSysClient client, Uri url, CancellationToken cancellationToken)
    {
        // The erasure comes first, because it empties the write-ahead log.
        ErasureResponse erased = await client.EraseUserAsync(Erased, cancellationToken);
        if (!await UntilErasedAsync(url, erased.Receipt, StartMax, cancellationToken))
        {
            throw new InvalidOperationException("an erasure in an undamaged folder does not end");
        }

        await client.RecordAsync([.. Rows(OlderEach, NewerEach)], cancellationToken);
        await client.PutItemAsync(Item(1), new ItemBody { Title = $"New title of 1 in {_name}", Categories = ["c1"] }, cancellationToken);
        await client.MergeUsersAsync(User(6), Guest, cancellationToken);
        await client.RetractAsync(User(7), Id(7, 1), cancellationToken);
        await TrainAsync(client, cancellationToken);
        await SlatesAsync(client, cancellationToken);
    }

    private IEnumerable<InteractionBody> Rows(int first, int each) =>
        from number in Enumerable.Range(first, each) from user in Enumerable.Range(0, UsersCount) select New(user, number);

    private static IEnumerable<InteractionBody> Rows(string user, int each) =>
        Enumerable.Range(0, each).Select(number => new InteractionBody { UserId = user, ItemId = Item(number), Type = "view", Id = $"{user}-did-{number}" });

    private async Task SlatesAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        for (int user = 0; user < 4; user++)
        {
            await client.GetRecommendationsAsync(User(user), cancellationToken: cancellationToken);
        }
    }

    private static async Task TrainAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = "train" }, cancellationToken);
        JobResponse ended = await client.WaitForJobAsync(job.Id, cancellationToken: cancellationToken);
        if (ended.State != JobStates.Succeeded)
        {
            throw new InvalidOperationException($"a training in an undamaged folder ended as {ended.State}: {ended.Message}");
        }
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using RecSys.Cli.Bench;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>A data folder for servers in processes of their own, which save their states soon; its files can be searched for bytes.</summary>
internal sealed class ShopFolder : IDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(2);

    private static readonly Dictionary<string, string> Settings = new(StringComparer.Ordinal)
    {
        ["recsys:speed:saveAfter"] = "00:00:00.200",
        ["recsys:speed:foldSaveEvery"] = "00:00:00.500",
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-erase-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    public Task<ServerProcess> StartAsync() => ServerProcess.StartAsync(_folder.FullName, Settings, TimeProvider.System, Cancel);

    public static RecSysClient Client(ServerProcess server) =>
        new(new RecSysClientOptions { BaseAddress = server.Url, Timeout = TimeSpan.FromSeconds(30) });

    /// <summary>Waits until states and folds are saved.</summary>
    public static Task SavedAsync() => Task.Delay(SaveAfter, TimeProvider.System, Cancel);

    public static InteractionBody Click(string user, int item) =>
        new() { UserId = user, ItemId = string.Create(CultureInfo.InvariantCulture, $"item-{item}"), Type = "click" };

    /// <summary>Records clicks of users that no test checks, enough for a training.</summary>
    public static IEnumerable<InteractionBody> Crowd() =>
        from user in Enumerable.Range(0, 60)
        from item in Enumerable.Range(0, 20)
        select Click(string.Create(CultureInfo.InvariantCulture, $"user-{user}"), (user % 5) + (5 * item));

    public static async Task<JobResponse> RunAsync(RecSysClient client, string kind, params (string Name, string Value)[] parameters)
    {
        Dictionary<string, JsonElement> values = parameters.ToDictionary(
            parameter => parameter.Name, parameter => JsonElement.Parse($"\"{parameter.Value}\""), StringComparer.Ordinal);
        JobResponse job = await client.StartJobAsync(new JobRequest { Kind = kind, Parameters = values }, Cancel);
        JobResponse ended = await client.WaitForJobAsync(job.Id, cancellationToken: Cancel);
        Assert.True(ended.State == JobStates.Succeeded, $"{kind}: {ended.Message}");
        return ended;
    }

    public static async Task UntilDoneAsync(RecSysClient client, string receipt)
    {
        using CancellationTokenSource timeout = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        timeout.CancelAfter(TimeLimit);
        while ((await client.GetErasureAsync(receipt, timeout.Token))?.State != "done")
        {
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, timeout.Token);
        }
    }

    /// <summary>Returns which files contain which of the texts.</summary>
    public List<string> Found(params IReadOnlyCollection<string> texts)
    {
        List<string> found = [];
        foreach (FileInfo file in _folder.EnumerateFiles("*", SearchOption.AllDirectories).Where(file => file.Name != "lock"))
        {
            using FileStream stream = new(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            byte[] bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            found.AddRange(texts.Where(text => bytes.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0).Select(text => $"{text} in {file.Name}"));
        }

        return found;
    }
}

using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Server.Bodies;
using RecSys.Server.Edge;
using RecSys.Server.Endpoints;
using RecSys.Server.Telemetry;
using RecSys.Serving;
using RecSys.TestKit;

namespace RecSys.Server.Tests;

/// <summary>The server on a real Kestrel on a loopback port, over fakes of its ports.</summary>
internal sealed class ServerHost : IAsyncDisposable
{
    public static readonly DateTimeOffset Now = new(2026, 11, 24, 12, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(30);

    private readonly WebApplication _app;

    private ServerHost(WebApplication app, Uri address)
    {
        _app = app;
        Address = address;
        Http = new HttpClient { BaseAddress = address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    public InMemoryInteractionLog Log => (InMemoryInteractionLog)_app.Services.GetRequiredService<IInteractionLog>();

    public InMemoryImpressionLog Impressions => (InMemoryImpressionLog)_app.Services.GetRequiredService<IImpressionLog>();

    public FoldedProfiles Profiles => (FoldedProfiles)_app.Services.GetRequiredService<IUserProfiles>();

    public MadeUpRecommender Recommender => (MadeUpRecommender)_app.Services.GetRequiredService<IRecommender>();

    public CardStore Models => _app.Services.GetRequiredService<CardStore>();

    public ManualJobs Jobs => (ManualJobs)_app.Services.GetRequiredService<IBatchJobs>();

    public OneResult Results => (OneResult)_app.Services.GetRequiredService<IJobResults>();

    public GivenCluster Cluster => (GivenCluster)_app.Services.GetRequiredService<IClusterControl>();

    public HalfDoneReceipts Receipts => (HalfDoneReceipts)_app.Services.GetRequiredService<IErasureReceipts>();

    public OwnerHash Hash => _app.Services.GetRequiredService<OwnerHash>();

    public FakeTimeProvider Time => (FakeTimeProvider)_app.Services.GetRequiredService<TimeProvider>();

    public IEnumerable<string> LoggedLines => _app.Services.GetRequiredService<LoggedLines>().Lines;

    public RequestMemoryLimiter Bodies => _app.Services.GetRequiredService<RequestMemoryLimiter>();

    public AnswerMemoryLimiter Answers => _app.Services.GetRequiredService<AnswerMemoryLimiter>();

    public KestrelServerOptions Kestrel => _app.Services.GetRequiredService<IOptions<KestrelServerOptions>>().Value;

    public IEnumerable<Route> Routes => _app.Services.GetServices<IEndpoints>().SelectMany(endpoints => endpoints.Routes);

    public RouteTable RouteTable => _app.Services.GetRequiredService<RouteTable>();

    /// <summary>Starts a server on a free port.</summary>
    public static async Task<ServerHost> StartAsync(
        Action<RecSysServerOptions>? configure = null,
        string url = "http://127.0.0.1:0",
        int partitionCount = 1,
        int queueRecordsMax = int.MaxValue,
        IInteractionLog? log = null)
    {
        WebApplication app = Build(configure, url, partitionCount, queueRecordsMax, log);
        await app.StartAsync(TestContext.Current.CancellationToken);
        return new ServerHost(app, new Uri(app.Urls.First()));
    }

    /// <summary>Creates a server that is not started.</summary>
    public static WebApplication Build(
        Action<RecSysServerOptions>? configure,
        string url,
        int partitionCount = 1,
        int queueRecordsMax = int.MaxValue,
        IInteractionLog? log = null,
        Dictionary<string, string?>? settings = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        LoggedLines logged = new();
        builder.Logging.ClearProviders().AddProvider(logged);
        builder.Configuration.AddInMemoryCollection(settings);
        OwnerHash hash = new(new byte[OwnerHash.KeySizeBytes]);
        IServiceCollection services = builder.Services;
        services.AddSingleton<TimeProvider>(new FakeTimeProvider(Now));
        services.AddSingleton(hash);
        services.AddSingleton(logged);
        services.AddSingleton(InteractionTypes.Default);
        services.AddSingleton(log ?? new InMemoryInteractionLog(new LogRecordCodec(hash), partitionCount, queueRecordsMax));
        services.AddSingleton<IImpressionLog>(new InMemoryImpressionLog());
        services.AddSingleton<IUserProfiles, FoldedProfiles>();
        services.AddSingleton(provider => (IMergedUsers)provider.GetRequiredService<IUserProfiles>());
        services.AddSingleton<IItemCatalogue, FoldedCatalogue>();
        services.AddSingleton<IRecommender, MadeUpRecommender>();
        services.AddSingleton<ISlateEvaluation, OneFeature>();
        services.AddSingleton<CardStore>();
        services.AddSingleton<IModelStore>(provider => provider.GetRequiredService<CardStore>());
        services.AddSingleton<IServedModels>(provider => provider.GetRequiredService<CardStore>());
        services.AddSingleton<IBatchJobs, ManualJobs>();
        services.AddSingleton<IJobResults, OneResult>();
        services.AddSingleton<IClusterControl, GivenCluster>();
        services.AddSingleton<IErasureReceipts, HalfDoneReceipts>();
        services.AddRecSysServer(configure);
        services.AddOtlpExport(builder.Configuration);
        WebApplication app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapRecSys();
        app.Urls.Clear();
        app.Urls.Add(url);
        return app;
    }

    /// <summary>Returns all records of the log.</summary>
    public async Task<List<LogRecord>> RecordsAsync()
    {
        List<LogRecord> records = [];
        for (int partition = 0; partition < Log.Shape.PartitionCount; partition++)
        {
            LogChunk chunk = await Log.ReadAsync(partition, 0, int.MaxValue, TestContext.Current.CancellationToken);
            records.AddRange(chunk.Entries.Select(entry => LogRecordCodec.Decode(entry.Bytes.Span)).OfType<LogRecord>());
        }

        return records;
    }

    /// <summary>Sends a body.</summary>
    public Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, string? body = null, string type = "application/json") =>
        SendAsync(method, target, body is null ? null : Encoding.UTF8.GetBytes(body), type);

    /// <summary>Sends a body.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string target, byte[]? body, string? type)
    {
        using HttpRequestMessage request = new(method, target);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(body);
            request.Content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Sends interactions.</summary>
    public Task<HttpResponseMessage> RecordAsync(string body, string type = "application/json") =>
        SendAsync(HttpMethod.Post, "/v1/interactions", body, type);

    /// <summary>Gets a body of a type that the client knows.</summary>
    public async Task<T> GetAsync<T>(string target, JsonTypeInfo<T> type)
    {
        using HttpResponseMessage response = await SendAsync(HttpMethod.Get, target);
        return await ReadAsync(response, type, 200);
    }

    /// <summary>Reads a body of a type that the client knows, of an answer of a status.</summary>
    public static async Task<T> ReadAsync<T>(HttpResponseMessage response, JsonTypeInfo<T> type, int status)
    {
        byte[] body = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        Assert.True(status == (int)response.StatusCode, $"{(int)response.StatusCode}: {Encoding.UTF8.GetString(body)}");
        return JsonSerializer.Deserialize(body, type)!;
    }

    /// <summary>Reads a problem.</summary>
    public static async Task<ProblemBody> ProblemAsync(HttpResponseMessage response, int status)
    {
        ProblemBody problem = await ReadAsync(response, RecSysJsonContext.Wire.ProblemBody, status);
        Assert.Equal(ProblemBody.ContentType, response.Content.Headers.ContentType?.MediaType);
        Assert.Equal(status, problem.Status);
        Assert.False(string.IsNullOrEmpty(problem.TraceId));
        Assert.False(string.IsNullOrEmpty(problem.Title));
        Assert.Equal($"urn:recsys:problem:{problem.Code}", problem.Type);
        return problem;
    }

    /// <summary>Requires that a request was refused because of one field, with a message that contains the texts.</summary>
    public static async Task<ProblemBody> RequireRefusedAsync(HttpResponseMessage response, string field, params string[] texts)
    {
        ProblemBody problem = await ProblemAsync(response, 400);
        (string path, string[] messages) = Assert.Single(problem.Errors!);
        Assert.Equal(field, path);
        Assert.All(texts, text => Assert.Contains(text, messages[0], StringComparison.Ordinal));
        return problem;
    }

    /// <summary>Sends bytes unchanged, and reads the answer until the server closes the connection.</summary>
    public async Task<string> RawAsync(byte[] request)
    {
        using TcpClient tcp = new();
        await tcp.ConnectAsync(Address.Host, Address.Port, TestContext.Current.CancellationToken);
        await using NetworkStream stream = tcp.GetStream();
        await stream.WriteAsync(request, TestContext.Current.CancellationToken);
        using StreamReader reader = new(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>Opens a connection, sends bytes unchanged, and leaves it open.</summary>
    public async Task<TcpClient> OpenAsync(string request)
    {
        TcpClient tcp = new();
        await tcp.ConnectAsync(Address.Host, Address.Port, TestContext.Current.CancellationToken);
        await tcp.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request), TestContext.Current.CancellationToken);
        return tcp;
    }

    /// <summary>Opens a connection with a request whose body the server has begun to wait for.</summary>
    public async Task<TcpClient> BeginBodyAsync(string type, string length)
    {
        TcpClient tcp = await OpenAsync(
            $"POST /v1/interactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: {type}\r\n{length}\r\nExpect: 100-continue\r\n\r\n");
        await tcp.GetStream().ReadExactlyAsync(new byte["HTTP/1.1 100 Continue\r\n\r\n".Length], TestContext.Current.CancellationToken);
        return tcp;
    }

    /// <summary>Reads one answer: its head and its body, as one text.</summary>
    public static async Task<string> ReadAnswerAsync(TcpClient tcp)
    {
        StringBuilder answer = new();
        byte[] bytes = new byte[4_096];
        while (!IsWhole(answer.ToString()))
        {
            int read = await tcp.GetStream().ReadAsync(bytes, TestContext.Current.CancellationToken);
            Assert.True(read > 0, $"the answer breaks off: {answer}");
            answer.Append(Encoding.UTF8.GetString(bytes, 0, read));
        }

        return answer.ToString();

        static bool IsWhole(string answer)
        {
            const string Length = "\r\nContent-Length: ";
            int end = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            int length = answer.IndexOf(Length, StringComparison.Ordinal);
            return end >= 0 && length >= 0
                && answer.Length - end - 4 >= int.Parse(answer.AsSpan(length + Length.Length, answer.IndexOf('\r', length + 2) - length - Length.Length), CultureInfo.InvariantCulture);
        }
    }

    /// <summary>Waits until a condition holds; fails if it does not within half a minute.</summary>
    public static async Task UntilAsync(Func<bool> holds, Action? meanwhile = null)
    {
        Stopwatch waited = Stopwatch.StartNew();
        while (!holds())
        {
            Assert.True(waited.Elapsed < TimeLimit, $"the condition does not hold after {TimeLimit}");
            meanwhile?.Invoke();
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Requests a target exactly as it is written.</summary>
    public Task<string> RawAsync(string method, string target, string headers = "") =>
        RawAsync(Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n{headers}\r\n"));

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.DisposeAsync();
    }
}

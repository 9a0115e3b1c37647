using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RecSys.Client;

/// <summary>The API of a RecSys server over HTTP.</summary>
/// <remarks>To add it to a service collection, call <see cref="RecSysServiceCollectionExtensions.AddRecSys"/>.</remarks>
public sealed partial class RecSysClient : IRecSysClient, IDisposable
{
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(2);

    private readonly RecSysTransport _transport;
    private readonly TimeProvider _time;
    private readonly HttpClient? _owned;

    /// <summary>Initializes a new instance of the <see cref="RecSysClient"/> class with its own connections.</summary>
    /// <param name="options">Options, which are copied.</param>
    /// <param name="time">The clock; <see langword="null"/> for the system clock.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public RecSysClient(RecSysClientOptions options, TimeProvider? time = null)
        : this(CreateHttpClient(), options, time ?? TimeProvider.System, RetryDelays.NextRandom, isOwner: true)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="RecSysClient"/> class over an HTTP client.</summary>
    /// <param name="http">
    /// Sends the requests; the caller disposes of it. Its base address is ignored; its timeout applies in addition to that of the options.
    /// </param>
    /// <param name="options">Options, which are copied.</param>
    /// <param name="time">The clock; <see langword="null"/> for the system clock.</param>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">An option is out of its range.</exception>
    public RecSysClient(HttpClient http, RecSysClientOptions options, TimeProvider? time = null)
        : this(http, options, time ?? TimeProvider.System, RetryDelays.NextRandom, isOwner: false)
    {
    }

    /// <summary>Initializes a new instance of the <see cref="RecSysClient"/> class with a clock and a source of random numbers.</summary>
    internal RecSysClient(
        HttpClient http, RecSysClientOptions options, TimeProvider time, Func<double> random, bool isOwner)
    {
        ArgumentNullException.ThrowIfNull(http);
        ArgumentNullException.ThrowIfNull(options);
        _transport = new RecSysTransport(http, options, time, random);
        _time = time;
        _owned = isOwner ? http : null;
    }

    private static RecSysJsonContext Json => RecSysJsonContext.Wire;

    /// <summary>Closes the connections that the client has opened; an HTTP client of the caller is not disposed.</summary>
    public void Dispose() => _owned?.Dispose();

    /// <summary>Creates a handler that renews its connections, so that a changed IP address of the server is used, and that does not follow redirects, so that the API key is not sent to another host.</summary>
    internal static HttpMessageHandler CreateHandler() => new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        PooledConnectionLifetime = ConnectionLifetime,
        UseCookies = false,
    };

    private static HttpClient CreateHttpClient() =>
        new(CreateHandler(), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    private static RecSysCall Read(string target) => new(HttpMethod.Get, target, IsRepeatable: true);

    private static RecSysCall Delete(string target) => new(HttpMethod.Delete, target, IsRepeatable: true);

    private static RecSysCall Write<T>(
        HttpMethod method, string target, T body, JsonTypeInfo<T> type, bool isRepeatable)
    {
        ArgumentNullException.ThrowIfNull(body);
        return new(method, target, isRepeatable) { Body = JsonSerializer.SerializeToUtf8Bytes(body, type) };
    }

    private static string Segment(
        string id,
        [System.Runtime.CompilerServices.CallerArgumentExpression(nameof(id))] string parameterName = "") =>
        RequestTarget.Segment(id, parameterName);
}

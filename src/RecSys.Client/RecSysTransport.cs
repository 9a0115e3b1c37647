using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RecSys.Client;

/// <summary>A call to the server: its request, and whether it is safe to repeat.</summary>
/// <param name="Method">HTTP method.</param>
/// <param name="Target">Path and query below the base address.</param>
/// <param name="IsRepeatable">Whether the server reaches the same state if it gets the call twice.</param>
internal sealed record RecSysCall(HttpMethod Method, string Target, bool IsRepeatable)
{
    /// <summary>Gets the body, which each attempt sends again.</summary>
    public ReadOnlyMemory<byte>? Body { get; init; }

    /// <summary>Gets the body's content type.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Gets whether the call is sent once only, because it asks whether the server answers now.</summary>
    public bool IsProbe { get; init; }
}

/// <summary>Sends calls, retries them with back-off within one time limit, and throws <see cref="RecSysException"/> if a call fails.</summary>
internal sealed class RecSysTransport
{
    private const string ApiKeyHeader = "X-Api-Key";
    private const int ProblemBytesMax = 1 << 20;

    private readonly HttpClient _http;
    private readonly string _base;
    private readonly string? _apiKey;
    private readonly TimeSpan _timeout;
    private readonly int _retriesMax;
    private readonly TimeProvider _time;
    private readonly Func<double> _random;

    /// <summary>Initializes a new instance of the <see cref="RecSysTransport"/> class; the options are copied.</summary>
    public RecSysTransport(HttpClient http, RecSysClientOptions options, TimeProvider time, Func<double> random)
    {
        RecSysClientOptionsValidator.ThrowIfInvalid(options);
        _http = http;
        _base = options.BaseAddress!.AbsoluteUri.TrimEnd('/') + "/";
        _apiKey = options.ApiKey;
        _timeout = options.Timeout;
        _retriesMax = options.RetriesMax;
        _time = time;
        _random = random;
    }

    /// <summary>Sends a call and reads its answer.</summary>
    /// <exception cref="RecSysException">The server refused the call, or did not answer in time.</exception>
    public Task<T> SendAsync<T>(RecSysCall call, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        where T : class =>
        RetryAsync(call, (response, token) => ReadAsync(response, answer, token), cancellationToken);

    /// <summary>Sends a call and reads its answer; returns null if the server answers that the object does not exist.</summary>
    /// <exception cref="RecSysException">The server refused the call, or did not answer in time.</exception>
    public async Task<T?> FindAsync<T>(
        RecSysCall call, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        where T : class
    {
        try
        {
            return await SendAsync(call, answer, cancellationToken).ConfigureAwait(false);
        }
        catch (RecSysException error) when (error is { StatusCode: HttpStatusCode.NotFound, Problem: not null })
        {
            return null;
        }
    }

    /// <summary>Sends a call and returns its answer as a stream; the caller disposes of it.</summary>
    /// <exception cref="RecSysException">The server refused the call, or did not answer in time.</exception>
    public Task<Stream> OpenAsync(RecSysCall call, CancellationToken cancellationToken) =>
        RetryAsync(call, (response, token) => response.Content.ReadAsStreamAsync(token), cancellationToken);

    /// <summary>Sends a call and reads its answer as text.</summary>
    /// <exception cref="RecSysException">The server refused the call, or did not answer in time.</exception>
    public Task<string> ReadTextAsync(RecSysCall call, CancellationToken cancellationToken) =>
        RetryAsync(call, (response, token) => response.Content.ReadAsStringAsync(token), cancellationToken);

    private async Task<T> RetryAsync<T>(
        RecSysCall call,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        using CancellationTokenSource timeout = new(_timeout, _time);
        using CancellationTokenSource callerOrTimeout =
            CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        RecSysException? failure = null;
        try
        {
            for (int retry = 0; ; retry++)
            {
                (T? answer, failure, bool mayRetry) =
                    await SendOnceAsync(call, read, callerOrTimeout.Token).ConfigureAwait(false);
                if (failure is null)
                {
                    return answer!;
                }

                if (!mayRetry || call.IsProbe || retry == _retriesMax)
                {
                    throw failure;
                }

                TimeSpan wait = failure.RetryAfter ?? RetryDelays.Before(retry, _random());
                if (_time.GetElapsedTime(start) + wait >= _timeout)
                {
                    throw failure; // the next attempt would begin after the time limit
                }

                await Task.Delay(wait, _time, callerOrTimeout.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            throw new RecSysException(
                $"no answer to {call.Method} within {_timeout.TotalMilliseconds:0} ms",
                new TimeoutException(failure?.Message, error));
        }
    }

    [SuppressMessage(
        "Reliability", "CA2000", Justification = "An answer that is returned as a stream is disposed with it.")]
    private async Task<(T? Answer, RecSysException? Failure, bool MayRetry)> SendOnceAsync<T>(
        RecSysCall call,
        Func<HttpResponseMessage, CancellationToken, Task<T>> read,
        CancellationToken cancellationToken)
    {
        HttpResponseMessage? response = null;
        bool isRead = false;
        try
        {
            using HttpRequestMessage request = CreateRequest(call);
            response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken)
                .ConfigureAwait(false);
            if (!response.IsSuccessStatusCode)
            {
                RecSysException refusal = await ReadRefusalAsync(response, cancellationToken).ConfigureAwait(false);
                bool isBusy = response.StatusCode
                    is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable;
                return (default, refusal, call.IsRepeatable && isBusy);
            }

            T answer = await read(response, cancellationToken).ConfigureAwait(false);
            isRead = true;
            return (answer, null, false);
        }
        catch (JsonException error)
        {
            return (default, new RecSysException($"the answer could not be read: {error.Message}", error), false);
        }
        catch (Exception error) when (error is HttpRequestException or IOException)
        {
            // The server has not received the call, so a retry cannot store anything twice.
            bool isUnsent = error is HttpRequestException
            {
                HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError,
            };
            return (
                default,
                new RecSysException($"no answer from {_base}: {error.Message}", error),
                call.IsRepeatable || isUnsent);
        }
        finally
        {
            if (!(isRead && typeof(T) == typeof(Stream)))
            {
                response?.Dispose();
            }
        }
    }

    private HttpRequestMessage CreateRequest(RecSysCall call)
    {
        HttpRequestMessage request = new(call.Method, new Uri(_base + call.Target));
        if (_apiKey is not null)
        {
            request.Headers.Add(ApiKeyHeader, _apiKey);
        }

        if (call.Body is { } body)
        {
            request.Content = new ReadOnlyMemoryContent(body)
            {
                Headers = { ContentType = new MediaTypeHeaderValue(call.ContentType) },
            };
        }

        return request;
    }

    private static async Task<T> ReadAsync<T>(
        HttpResponseMessage response, JsonTypeInfo<T> answer, CancellationToken cancellationToken)
        where T : class
    {
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            return await JsonSerializer.DeserializeAsync(body, answer, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException("the body is null");
        }
    }

    private async Task<RecSysException> ReadRefusalAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        ProblemBody? problem = null;
        if (response.Content.Headers.ContentType?.MediaType is ProblemBody.ContentType or "application/json")
        {
            problem = await ReadProblemAsync(response, cancellationToken).ConfigureAwait(false);
        }

        TimeSpan? retryAfter = response.Headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - _time.GetUtcNow(),
            _ => null,
        };
        if (retryAfter < TimeSpan.Zero)
        {
            retryAfter = TimeSpan.Zero;
        }

        return new RecSysException(response.StatusCode, problem, retryAfter);
    }

    private static async Task<ProblemBody?> ReadProblemAsync(
        HttpResponseMessage response, CancellationToken cancellationToken)
    {
        using MemoryStream buffer = new();
        Stream body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            byte[] chunk = new byte[4096];
            int read;
            while ((read = await body.ReadAsync(chunk, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (buffer.Length + read > ProblemBytesMax)
                {
                    return null;
                }

                buffer.Write(chunk, 0, read);
            }
        }

        try
        {
            return JsonSerializer.Deserialize(
                buffer.GetBuffer().AsSpan(0, (int)buffer.Length), RecSysJsonContext.Wire.ProblemBody);
        }
        catch (JsonException)
        {
            return null; // a proxy sent the answer
        }
    }
}

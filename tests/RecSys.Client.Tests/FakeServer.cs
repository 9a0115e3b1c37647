using System.Net;
using System.Text;

namespace RecSys.Client.Tests;

/// <summary>Returns the given answers in order, the last one for all further requests, and stores the requests.</summary>
internal sealed class FakeServer : HttpMessageHandler
{
    private readonly Func<CancellationToken, Task<HttpResponseMessage>>[] _answers;
    private readonly List<Asked> _asked = [];

    public FakeServer(params Func<CancellationToken, Task<HttpResponseMessage>>[] answers) => _answers = answers;

    public IReadOnlyList<Asked> Asked => _asked;

    public static Func<CancellationToken, Task<HttpResponseMessage>> Json(
        string body, HttpStatusCode status = HttpStatusCode.OK) =>
        _ => Task.FromResult(new HttpResponseMessage(status)
        {
            Content = new StringContent(body, Encoding.UTF8, "application/json"),
        });

    public static Func<CancellationToken, Task<HttpResponseMessage>> Problem(
        HttpStatusCode status, string body, Action<HttpResponseMessage>? change = null) =>
        _ =>
        {
            HttpResponseMessage response = new(status)
            {
                Content = new StringContent(body, Encoding.UTF8, "application/problem+json"),
            };
            change?.Invoke(response);
            return Task.FromResult(response);
        };

    public static Func<CancellationToken, Task<HttpResponseMessage>> Broken(HttpRequestError error) =>
        _ => throw new HttpRequestException(error, "it broke");

    public static async Task<HttpResponseMessage> Never(CancellationToken cancellationToken)
    {
        TaskCompletionSource<HttpResponseMessage> never = new();
        await using CancellationTokenRegistration registration =
            cancellationToken.Register(() => never.TrySetCanceled(cancellationToken));
        return await never.Task;
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        _asked.Add(new Asked(
            $"{request.Method} {request.RequestUri!.PathAndQuery}",
            request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken),
            request.Content?.Headers.ContentType?.ToString(),
            request.Headers.TryGetValues("X-Api-Key", out IEnumerable<string>? keys) ? keys.Single() : null));
        return await _answers[Math.Min(_asked.Count, _answers.Length) - 1](cancellationToken);
    }
}

/// <summary>A received request.</summary>
internal sealed record Asked(string Line, string Body, string? ContentType, string? ApiKey);

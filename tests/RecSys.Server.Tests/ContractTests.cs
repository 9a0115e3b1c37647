using System.Net;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using RecSys.Client;
using RecSys.Server.Edge;

namespace RecSys.Server.Tests;

/// <summary>The routes, their description and the typed client agree.</summary>
public sealed class ContractTests : IAsyncLifetime
{
    private const string Document = "/openapi/v1.json";

    private ServerHost _host = null!;
    private JsonElement _api;

    public async ValueTask InitializeAsync()
    {
        _host = await ServerHost.StartAsync();
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, Document);
        _api = JsonElement.Parse(await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public void Every_route_is_described_and_every_description_is_of_a_route() =>
        Assert.Equal(Routes().Order(StringComparer.Ordinal), Operations().Select(operation => operation.Name).Order(StringComparer.Ordinal));

    [Fact]
    public async Task Every_route_is_reached_by_the_client_and_every_method_of_the_client_reaches_one()
    {
        HashSet<string> reached = [];
        foreach (MethodInfo method in typeof(IRecSysClient).GetMethods())
        {
            List<(string Method, string Target)> sent = await SentAsync(method);
            Assert.True(sent.Count > 0, $"{method} sends nothing");
            foreach ((string verb, string target) in sent)
            {
                Route? route = RouteOf(verb, target);
                Assert.True(route is not null, $"{method} sends {verb} {target}, which is no route");
                Assert.All(ParametersOf(target), name => Assert.Contains(name, route!.Query.Select(parameter => parameter.Name)));
                reached.Add($"{verb} {route!.Template}");
            }
        }

        Assert.Equal(Routes().Order(StringComparer.Ordinal), reached.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_described_parameter_is_accepted_and_every_accepted_one_is_described()
    {
        foreach ((string name, JsonElement operation) in Operations())
        {
            string[] described = [.. Described(operation)];
            string answer = await AskAsync(name, "?unheard-of=1");
            Assert.Contains("unknownParameter", answer, StringComparison.Ordinal);
            string known = described.Length == 0 ? "has none" : $"which has {string.Join(", ", described.Select(parameter => parameter.Replace(".NAME", ".", StringComparison.Ordinal)))}\"";
            Assert.Contains(known, answer, StringComparison.Ordinal);
            foreach (string parameter in described)
            {
                Assert.DoesNotContain("unknownParameter", await AskAsync(name, $"?{parameter}=1"), StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Every_described_field_of_a_body_is_accepted_and_every_accepted_one_is_described()
    {
        using HttpResponseMessage put = await _host.SendAsync(HttpMethod.Put, "/v1/items/x", "{}");
        int bodies = 0;
        foreach ((string name, JsonElement operation) in Operations())
        {
            if (!operation.TryGetProperty("requestBody", out JsonElement body))
            {
                continue;
            }

            bodies++;
            JsonElement schema = Resolve(body.GetProperty("content").GetProperty("application/json").GetProperty("schema"));
            bool isArray = !schema.TryGetProperty("oneOf", out JsonElement kinds) && schema.GetProperty("type").ValueEquals("array");
            JsonElement row = Resolve(isArray ? schema.GetProperty("items") : kinds.ValueKind == JsonValueKind.Array ? kinds[0] : schema);
            string refused = await AskAsync(name, "", isArray ? """[{"unheard-of":1}]""" : """{"unheard-of":1}""");

            Assert.Contains("unknownField", refused, StringComparison.Ordinal);
            int start = refused.IndexOf("known are ", StringComparison.Ordinal) + "known are ".Length;
            string[] known = refused[start..refused.IndexOf('"', start)].Split(", ");
            Assert.Equal(
                row.GetProperty("properties").EnumerateObject().Select(property => property.Name).Order(StringComparer.Ordinal),
                known.Order(StringComparer.Ordinal));
        }

        Assert.Equal(_host.Routes.Count(route => route.Body is not null), bodies);
    }

    [Fact]
    public void Every_answer_with_a_body_of_JSON_has_a_schema()
    {
        foreach ((string name, JsonElement operation) in Operations().Where(operation => !operation.Name.Contains("/health/", StringComparison.Ordinal)))
        {
            foreach (JsonProperty response in operation.GetProperty("responses").EnumerateObject())
            {
                if (response.Value.GetProperty("content").TryGetProperty("application/json", out JsonElement json))
                {
                    Assert.True(json.TryGetProperty("schema", out _), $"{name} {response.Name} has no schema");
                }
            }
        }
    }

    private static IEnumerable<string> Described(JsonElement operation) =>
        operation.TryGetProperty("parameters", out JsonElement parameters)
            ? parameters.EnumerateArray().Where(parameter => parameter.GetProperty("in").ValueEquals("query")).Select(parameter => parameter.GetProperty("name").GetString()!)
            : [];

    private static IEnumerable<string> ParametersOf(string target) =>
        target.Contains('?', StringComparison.Ordinal) ? target[(target.IndexOf('?', StringComparison.Ordinal) + 1)..].Split('&').Select(pair => pair.Split('=')[0]) : [];

    /// <summary>Calls a method of the client with made-up arguments.</summary>
    /// <returns>What it sent.</returns>
    private static async Task<List<(string Method, string Target)>> SentAsync(MethodInfo method)
    {
        using Recorder recorder = new();
        using HttpClient http = new(recorder);
        using RecSysClient client = new(http, new RecSysClientOptions { BaseAddress = new Uri("http://localhost"), RetriesMax = 0 });
        try
        {
            await (Task)method.Invoke(client, [.. method.GetParameters().Select(parameter => MadeUp(parameter.ParameterType))])!;
        }
        catch (RecSysException)
        {
            // Every call is answered with 404: only the sent request is tested.
        }

        return recorder.Sent;
    }

    private static object? MadeUp(Type type) =>
        type == typeof(string) ? "x"
        : type == typeof(int?) ? 1
        : type == typeof(CancellationToken) ? TestContext.Current.CancellationToken
        : type == typeof(IAsyncEnumerable<InteractionBody>) ? AsyncEnumerable.Repeat((InteractionBody)MadeUp(typeof(InteractionBody))!, 1)
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IProgress<>) ? null
        : type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? OneOf(type.GenericTypeArguments[0])
        : RuntimeHelpers.GetUninitializedObject(type);

    private static Array OneOf(Type type)
    {
        Array array = Array.CreateInstance(type, 1);
        array.SetValue(MadeUp(type), 0);
        return array;
    }

    private IEnumerable<string> Routes() =>
        _host.Routes.Where(route => route.Template != Document).Select(route => $"{route.Method} {route.Template}");

    private Route? RouteOf(string method, string target)
    {
        RawIds ids = default;
        return _host.RouteTable.TryFind(target.Split('?')[0], ref ids, out RouteTable.Node? node) ? node.Find(method)?.Route : null;
    }

    private IEnumerable<(string Name, JsonElement Operation)> Operations() =>
        _api.GetProperty("paths").EnumerateObject().SelectMany(path =>
            path.Value.EnumerateObject().Select(operation => ($"{operation.Name.ToUpperInvariant()} {path.Name}", operation.Value)));

    private JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out JsonElement reference))
        {
            schema = reference.GetString()!.Split('/').Skip(1).Aggregate(_api, (at, part) => at.GetProperty(part));
        }

        return schema;
    }

    private async Task<string> AskAsync(string operation, string query, string? body = null)
    {
        string[] parts = operation.Split(' ');
        string target = string.Join('/', parts[1].Split('/').Select(segment => segment.StartsWith('{') ? "x" + segment[(segment.IndexOf('}', StringComparison.Ordinal) + 1)..] : segment));
        using HttpResponseMessage response = await _host.SendAsync(new HttpMethod(parts[0]), target + query, body);
        return await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private sealed class Recorder : HttpMessageHandler
    {
        public List<(string Method, string Target)> Sent { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Sent.Add((request.Method.Method, request.RequestUri!.PathAndQuery));
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.NotFound)
            {
                Content = new StringContent("""{"title":"not found","status":404}""", Encoding.UTF8, "application/problem+json"),
            });
        }
    }
}

using System.Diagnostics;
using System.Text;

using Microsoft.Extensions.DependencyInjection;

using Xunit;

namespace RecSys.Client.Tests;

public sealed class IdTests
{
    public static TheoryData<string> Ids =>
    [
        "ana", "a/b", "a%2Fb", "a%252Fb", "a b", "a+b", "é", "🎈👩‍🚀", "\"'<>`{}|^", "a?b#c&d=e;f", "..a", "a/../b", "/", "//", "\\",
        "%", "%2e%2e", "x:merge", "\u200e\u202e\u2066", "\ufeff", "\uffff", "e\u0301", "\ue000", "\t\r\n", "~-_.!*()", "http://a/",
        new string('é', 256),
    ];

    private static CancellationToken Ending => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task An_id_of_any_characters_arrives_unchanged_as_one_segment(string id)
    {
        using RawServer server = new();
        await using ServiceProvider services = new ServiceCollection()
            .AddRecSys(options => options.BaseAddress = server.Address).Services.BuildServiceProvider();
        IRecSysClient client = services.GetRequiredService<IRecSysClient>();

        Task<string> line = server.AnswerAsync("200 OK", Clients.Slate, Ending);
        await client.GetRecommendationsAsync(id, after: id, cancellationToken: Ending);

        string[] words = (await line).Split(' ');
        Assert.Equal(["GET", "HTTP/1.1"], [words[0], words[2]]);
        string[] target = words[1].Split("/recommendations?after=");
        Assert.Equal(["", "v1", "users"], target[0].Split('/')[..^1]);
        Assert.Equal(id, Uri.UnescapeDataString(target[0].Split('/')[^1]));
        Assert.Equal(id, Uri.UnescapeDataString(target[1]));
    }

    [Fact]
    public void Every_character_of_Unicode_is_sent_as_it_was_encoded()
    {
        IEnumerable<Rune> all = Enumerable.Range(1, 0x10FFFF).Where(Rune.IsValid).Select(value => new Rune(value));

        foreach (Rune[] characters in all.Chunk(RequestTarget.IdBytesMax / 4))
        {
            string segment = RequestTarget.Segment(string.Concat(characters), "id");
            Assert.Equal($"/v1/{segment}", new Uri($"http://shop.test/v1/{segment}").PathAndQuery);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a\0b")]
    [InlineData(null)]
    public async Task An_invalid_id_is_refused_before_it_is_sent(string? id)
    {
        FakeServer server = new(FakeServer.Json(Clients.Accepted));
        using RecSysClient client = Clients.Of(server);

        await Assert.ThrowsAnyAsync<ArgumentException>(() => client.DeleteItemAsync(id!, Ending));

        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task An_id_that_is_not_valid_Unicode_is_refused()
    {
        FakeServer server = new(FakeServer.Json(Clients.Accepted));
        using RecSysClient client = Clients.Of(server);
        string half = "🎈"[..1];

        await Assert.ThrowsAsync<ArgumentException>(() => client.DeleteItemAsync(half, Ending));
        await Assert.ThrowsAsync<ArgumentException>(() => client.GetTrendingAsync(category: half, cancellationToken: Ending));

        Assert.Empty(server.Asked);
    }

    [Fact]
    public async Task Tracing_does_not_change_a_request()
    {
        using ActivityListener listener = new()
        {
            ShouldListenTo = source => source.Name == "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        using RawServer server = new();
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Address });

        Task<string> line = server.AnswerAsync("200 OK", Clients.Slate, Ending);
        await client.GetRecommendationsAsync("a/b", after: "p", cancellationToken: Ending);

        Assert.Equal("GET /v1/users/a%2Fb/recommendations?after=p HTTP/1.1", await line);
    }

    [Fact]
    public async Task An_id_of_513_bytes_is_refused_by_its_limit()
    {
        using RecSysClient client = Clients.Of(new FakeServer(FakeServer.Json(Clients.Accepted)));

        ArgumentException error = await Assert.ThrowsAsync<ArgumentException>(
            () => client.DeleteItemAsync("a" + new string('é', 256), Ending));

        Assert.Contains("512", error.Message, StringComparison.Ordinal);
        Assert.Equal("itemId", error.ParamName);
    }

    [Fact]
    public async Task A_redirect_is_not_followed_so_that_the_key_is_not_sent_elsewhere()
    {
        using RawServer server = new();
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = server.Address, ApiKey = "secret" });

        Task<string> line = server.AnswerAsync("302 Found\r\nLocation: http://127.0.0.1:1/", "", Ending);
        RecSysException error =
            await Assert.ThrowsAsync<RecSysException>(() => client.GetStatusAsync(Ending));

        Assert.Equal(302, (int?)error.StatusCode);
        Assert.Equal("GET /v1/status HTTP/1.1", await line);
    }
}

using System.Net;

namespace RecSys.Server.Tests;

public sealed class PageTests
{
    [Fact]
    public async Task The_first_page_has_a_strict_policy_and_is_cached()
    {
        await using ServerHost host = await ServerHost.StartAsync();

        using HttpResponseMessage first = await host.SendAsync(HttpMethod.Get, "/");
        using HttpRequestMessage again = new(HttpMethod.Get, "/");
        again.Headers.IfNoneMatch.Add(first.Headers.ETag!);
        using HttpResponseMessage second = await host.Http.SendAsync(again, TestContext.Current.CancellationToken);

        Assert.Equal("text/html", first.Content.Headers.ContentType?.MediaType);
        string policy = Assert.Single(first.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.EndsWith("img-src 'self' data: https:", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(first.Headers.GetValues("X-Content-Type-Options")));
        Assert.False(first.Headers.Contains("Server"));
        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task A_script_is_sent_without_the_lines_of_its_comments()
    {
        await using ServerHost host = await ServerHost.StartAsync();

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, "/js/format.js");

        string script = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.StartsWith("\nimport", script, StringComparison.Ordinal);
        Assert.DoesNotContain("/**", script, StringComparison.Ordinal);
        Assert.Contains("export const did = ", script, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/index.html", "text/html")]
    [InlineData("/reference.html", "text/html")]
    [InlineData("/js/app.js", "text/javascript")]
    [InlineData("/css/tokens.css", "text/css")]
    [InlineData("/favicon.svg", "image/svg+xml")]
    public async Task Each_file_of_the_pages_has_its_type(string path, string type)
    {
        await using ServerHost host = await ServerHost.StartAsync();

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal(type, response.Content.Headers.ContentType?.MediaType);
    }

    [Fact]
    public async Task Only_the_page_that_shows_items_may_load_pictures_of_other_hosts()
    {
        await using ServerHost host = await ServerHost.StartAsync();

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Get, "/reference.html");

        Assert.DoesNotContain("https:", Assert.Single(response.Headers.GetValues("Content-Security-Policy")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_HEAD_of_a_page_has_the_headers_of_its_GET_and_no_body()
    {
        await using ServerHost host = await ServerHost.StartAsync();

        string get = await host.RawAsync("GET", "/js/app.js");
        string head = await host.RawAsync("HEAD", "/js/app.js");

        Assert.Equal(HeaderOf(get), HeaderOf(head));
        Assert.EndsWith("\r\n\r\n", head, StringComparison.Ordinal);

        static string[] HeaderOf(string answer) =>
            [.. answer[..answer.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n").Where(line => !line.StartsWith("Date:", StringComparison.Ordinal))];
    }

    [Fact]
    public async Task A_write_to_a_page_is_refused()
    {
        await using ServerHost host = await ServerHost.StartAsync();

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Post, "/", "{}");

        await ServerHost.ProblemAsync(response, 405);
        Assert.Equal(["GET", "HEAD"], response.Content.Headers.Allow);
    }
}

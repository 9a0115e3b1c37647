using System.Collections.Concurrent;
using System.Text.Json;
using PuppeteerSharp;
using Xunit;

namespace RecSys.Pages.Tests;

/// <summary>A browser window with the shop, which records errors, requests to other hosts and violations of the content security policy.</summary>
public sealed class ShopWindow : IAsyncDisposable
{
    private const int TimeoutMs = 20_000;

    // Runs before the page: records the violations of the policy and counts the animations.
    private const string Watch = """
        () => {
          window.refused = [];
          window.slides = 0;
          document.addEventListener("securitypolicyviolation", (event) => window.refused.push(`${event.violatedDirective} ${event.blockedURI}`));
          const animate = Element.prototype.animate;
          Element.prototype.animate = function (...rest) { window.slides += 1; return animate.apply(this, rest); };
        }
        """;

    private readonly IBrowserContext _context;
    private readonly Uri _url;
    private readonly ConcurrentQueue<string> _errors = [];
    private readonly ConcurrentQueue<string> _otherHosts = [];
    private readonly ConcurrentDictionary<string, bool> _files = [];

    private ShopWindow(IBrowserContext context, IPage page, Uri url)
    {
        (_context, Page, _url) = (context, page, url);
        Page.DefaultTimeout = TimeoutMs;
        Page.Console += (_, reported) =>
        {
            if (reported.Message.Type is ConsoleType.Error or ConsoleType.Warning)
            {
                _errors.Enqueue($"{reported.Message.Text} {reported.Message.Location?.URL}");
            }
        };
        Page.PageError += (_, reported) => _errors.Enqueue(reported.Message);
        Page.Response += (_, reported) =>
        {
            Uri at = new(reported.Response.Url);
            if (at.Scheme is not ("data" or "blob") && at.Authority != _url.Authority)
            {
                _otherHosts.Enqueue(reported.Response.Url);
            }
            else if (!at.AbsolutePath.StartsWith("/v1/", StringComparison.Ordinal) && !at.AbsolutePath.StartsWith("/play/", StringComparison.Ordinal)
                && !at.AbsolutePath.StartsWith("/openapi/", StringComparison.Ordinal))
            {
                _files[at.AbsolutePath] = true;
            }
        };
        Page.RequestFailed += (_, reported) => _errors.Enqueue($"{reported.Request.Url} failed");
    }

    /// <summary>Gets the page.</summary>
    public IPage Page { get; }

    /// <summary>Starts recording on a page.</summary>
    public static async Task<ShopWindow> WatchAsync(IBrowserContext context, IPage page, Uri url)
    {
        ShopWindow window = new(context, page, url);
        await page.EvaluateFunctionOnNewDocumentAsync(Watch);
        return window;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    /// <summary>Opens a page of the shop and waits until it is filled.</summary>
    public async Task GoAsync(string path = "/")
    {
        await Page.GoToAsync(new Uri(_url, path).ToString());
        await UntilAsync(path == "/" ? "document.querySelector('[data-shelf=forYou] .cell[data-item]') !== null" : "document.querySelector('main').childElementCount > 1");
    }

    /// <summary>Waits until an expression holds.</summary>
    public async Task UntilAsync(string expression)
    {
        try
        {
            await Page.WaitForExpressionAsync(expression, new WaitForFunctionOptions { Timeout = TimeoutMs });
        }
        catch (WaitTaskTimeoutException)
        {
            string seen = await Page.EvaluateExpressionAsync<string>("document.body.innerText");
            Assert.Fail($"this did not become true: {expression}; errors: {string.Join("; ", _errors)}; the page says: {seen}");
        }
    }

    /// <summary>Returns the value of an expression.</summary>
    public Task<T> EvaluateAsync<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    /// <summary>Returns the text of the first element that matches a selector.</summary>
    public Task<string> TextAsync(string selector) => EvaluateAsync<string>($"document.querySelector({JsonSerializer.Serialize(selector)}).textContent");

    /// <summary>Returns the ids of the items on a shelf, in their order.</summary>
    public Task<string[]> ShelfAsync(string shelf = "forYou") =>
        EvaluateAsync<string[]>($"[...document.querySelectorAll('[data-shelf={shelf}] .cell[data-item]')].map((cell) => cell.dataset.item)");

    /// <summary>Clicks the first element that matches a selector.</summary>
    public async Task ClickAsync(string selector)
    {
        await Page.WaitForSelectorAsync(selector);
        await Page.ClickAsync(selector);
    }

    /// <summary>Presses keys, one after the other.</summary>
    public async Task PressAsync(params string[] keys)
    {
        foreach (string key in keys)
        {
            await Page.Keyboard.PressAsync(key);
        }
    }

    /// <summary>Clicks a button of a card on the shelf "For you" and waits until the slate reflects it.</summary>
    public async Task ActAsync(int place, string does)
    {
        await ClickAsync($"[data-shelf=forYou] .cell:nth-child({place}) [data-do={does}]");
        await UntilReflectedAsync();
    }

    /// <summary>Waits until the newest action is reflected.</summary>
    public Task UntilReflectedAsync() => UntilAsync("document.querySelector('.entry:first-child .verdict')?.textContent.startsWith('Reflected after') === true");

    /// <summary>Switches to a new visitor without a history.</summary>
    public async Task SwitchToVisitorAsync()
    {
        await ClickAsync("#visitor");
        await UntilAsync("[...document.querySelectorAll('#notices .notice-title')].some((title) => title.textContent === 'A cold start')");
    }

    /// <summary>Returns the controls within an element that Tab reaches before one that is above them, or left of them in the same row; empty if the order of Tab is the reading order.</summary>
    public Task<string[]> OutOfOrderAsync(string selector) => EvaluateAsync<string[]>($$"""
        [...document.querySelectorAll({{JsonSerializer.Serialize(selector)}})].flatMap((place) => {
          const all = [...place.querySelectorAll("a, button, input, select")].filter((one) => one.checkVisibility() && one.tabIndex >= 0);
          return all.slice(1).filter((one, at) => {
            const [before, after] = [all[at].getBoundingClientRect(), one.getBoundingClientRect()];
            return after.bottom <= before.top + 4 || (after.top < before.bottom - 4 && before.top < after.bottom - 4 && after.left < before.left);
          }).map((one) => one.outerHTML.slice(0, 90));
        })
        """);

    /// <summary>Gets the paths of the files that the pages loaded, without the calls of the API.</summary>
    public IReadOnlyCollection<string> Files => [.. _files.Keys];

    /// <summary>Asserts that there was no error, no request to another host and no violation of the policy.</summary>
    public async Task AssertCleanAsync()
    {
        Assert.Empty(_errors);
        Assert.Empty(_otherHosts);
        Assert.Empty(await EvaluateAsync<string[]>("window.refused"));
    }
}

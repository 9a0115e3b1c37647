using System.Collections.Concurrent;
using System.Text.Json;
using PuppeteerSharp;
using Xunit;

namespace RecSys.Pages.Tests;

/// <summary>One window on the shop, which notes everything that must not happen.</summary>
public sealed class ShopWindow : IAsyncDisposable
{
    private const int PatienceMs = 20_000;

    // Runs before the page: notes what the policy refused and what was moved.
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
    private readonly ConcurrentQueue<string> _strangers = [];
    private readonly ConcurrentDictionary<string, bool> _files = [];

    private ShopWindow(IBrowserContext context, IPage page, Uri url)
    {
        (_context, Page, _url) = (context, page, url);
        Page.DefaultTimeout = PatienceMs;
        Page.Console += (_, told) =>
        {
            if (told.Message.Type is ConsoleType.Error or ConsoleType.Warning)
            {
                _errors.Enqueue($"{told.Message.Text} {told.Message.Location?.URL}");
            }
        };
        Page.PageError += (_, told) => _errors.Enqueue(told.Message);
        Page.Response += (_, told) =>
        {
            Uri at = new(told.Response.Url);
            if (at.Scheme is not ("data" or "blob") && at.Authority != _url.Authority)
            {
                _strangers.Enqueue(told.Response.Url);
            }
            else if (!at.AbsolutePath.StartsWith("/v1/", StringComparison.Ordinal) && !at.AbsolutePath.StartsWith("/play/", StringComparison.Ordinal)
                && !at.AbsolutePath.StartsWith("/openapi/", StringComparison.Ordinal))
            {
                _files[at.AbsolutePath] = true;
            }
        };
        Page.RequestFailed += (_, told) => _errors.Enqueue($"{told.Request.Url} failed");
    }

    /// <summary>The page.</summary>
    public IPage Page { get; }

    /// <summary>Begins to watch a page.</summary>
    public static async Task<ShopWindow> WatchAsync(IBrowserContext context, IPage page, Uri url)
    {
        ShopWindow window = new(context, page, url);
        await page.EvaluateFunctionOnNewDocumentAsync(Watch);
        return window;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync() => await _context.CloseAsync();

    /// <summary>Goes to a page of the shop and waits until it stands.</summary>
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
            await Page.WaitForExpressionAsync(expression, new WaitForFunctionOptions { Timeout = PatienceMs });
        }
        catch (WaitTaskTimeoutException)
        {
            string seen = await Page.EvaluateExpressionAsync<string>("document.body.innerText");
            Assert.Fail($"it never came true that {expression}; errors: {string.Join("; ", _errors)}; the page says: {seen}");
        }
    }

    /// <summary>The value of an expression.</summary>
    public Task<T> SeeAsync<T>(string expression) => Page.EvaluateExpressionAsync<T>(expression);

    /// <summary>The text of the first element that a selector finds.</summary>
    public Task<string> TextAsync(string selector) => SeeAsync<string>($"document.querySelector({JsonSerializer.Serialize(selector)}).textContent");

    /// <summary>The ids on a shelf, in their order.</summary>
    public Task<string[]> ShelfAsync(string shelf = "forYou") =>
        SeeAsync<string[]>($"[...document.querySelectorAll('[data-shelf={shelf}] .cell[data-item]')].map((cell) => cell.dataset.item)");

    /// <summary>Clicks the first element that a selector finds.</summary>
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

    /// <summary>Does something to a card of For you and waits until the slate reflects it.</summary>
    public async Task ActAsync(int place, string does)
    {
        await ClickAsync($"[data-shelf=forYou] .cell:nth-child({place}) [data-do={does}]");
        await UntilReflectedAsync();
    }

    /// <summary>Waits until the newest action is reflected.</summary>
    public Task UntilReflectedAsync() => UntilAsync("document.querySelector('.entry:first-child .verdict')?.textContent.startsWith('Reflected after') === true");

    /// <summary>Becomes a visitor that nobody knows.</summary>
    public async Task ComeAsNobodyAsync()
    {
        await ClickAsync("#visitor");
        await UntilAsync("[...document.querySelectorAll('#notices .notice-title')].some((title) => title.textContent === 'A cold start')");
    }

    /// <summary>The controls within an element that Tab reaches before another one which is above it, or in the same row and left of it; empty where Tab goes as the eye goes.</summary>
    public Task<string[]> OutOfOrderAsync(string selector) => SeeAsync<string[]>($$"""
        [...document.querySelectorAll({{JsonSerializer.Serialize(selector)}})].flatMap((place) => {
          const all = [...place.querySelectorAll("a, button, input, select")].filter((one) => one.checkVisibility() && one.tabIndex >= 0);
          return all.slice(1).filter((one, at) => {
            const [before, after] = [all[at].getBoundingClientRect(), one.getBoundingClientRect()];
            return after.bottom <= before.top + 4 || (after.top < before.bottom - 4 && before.top < after.bottom - 4 && after.left < before.left);
          }).map((one) => one.outerHTML.slice(0, 90));
        })
        """);

    /// <summary>The paths of the files that the pages asked for: all but their calls.</summary>
    public IReadOnlyCollection<string> Files => [.. _files.Keys];

    /// <summary>Nothing went wrong: no error told, no other host asked, nothing refused by the policy.</summary>
    public async Task AssertCleanAsync()
    {
        Assert.Empty(_errors);
        Assert.Empty(_strangers);
        Assert.Empty(await SeeAsync<string[]>("window.refused"));
    }
}

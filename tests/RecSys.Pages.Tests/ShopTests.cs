using System.Net.Http.Json;
using System.Text.Json;
using Xunit;

namespace RecSys.Pages.Tests;

/// <summary>The shop, as a person uses it.</summary>
[Trait("Category", "Slow")]
public sealed class ShopTests(Shop shop) : IClassFixture<Shop>
{
    private const long PageBytesMax = 150_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_first_paint_comes_within_a_second()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.GoAsync(); // the first look warms the server

        double paintMs = await window.EvaluateAsync<double>("performance.getEntriesByName('first-contentful-paint')[0].startTime");

        Assert.InRange(paintMs, 0, 1_000);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task All_pages_together_are_small()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.GoAsync("/reference.html");

        using HttpClient client = new() { BaseAddress = shop.Url };
        byte[][] files = await Task.WhenAll(window.Files.Select(path => client.GetByteArrayAsync(path, Cancel)));
        Assert.InRange(files.Length, 10, 40);
        Assert.InRange(files.Sum(file => (long)file.Length), 10_000, PageBytesMax);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_shopper_is_found_by_name()
    {
        await using ShopWindow window = await shop.OpenAsync();

        await window.ClickAsync("#shopper");
        await window.Page.TypeAsync("#picker-search", "greta");
        await window.PressAsync("Enter");
        await window.UntilAsync("document.querySelector('#heading').textContent === 'What Greta sees'");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .cell[data-item]') !== null");

        Assert.NotEmpty(await window.EvaluateAsync<string[]>("[...document.querySelectorAll('#lede .chip')].map((chip) => chip.textContent)"));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Any_user_id_can_shop()
    {
        await using ShopWindow window = await shop.OpenAsync();

        await window.ClickAsync("#shopper");
        await window.Page.TypeAsync("#picker-search", "a/b %c?");
        await window.PressAsync("Enter");
        await window.UntilAsync("document.querySelector('#heading').textContent === 'What a/b %c? sees'");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .cell[data-item]') !== null");

        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_click_reorders_the_shelf_and_the_strip_shows_its_path()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.SwitchToVisitorAsync();
        string[] before = await window.ShelfAsync();

        await window.ActAsync(3, "addToCart");

        Assert.NotEqual(before, await window.ShelfAsync());
        Assert.True(await window.EvaluateAsync<bool>("document.querySelector('[data-shelf=forYou] .badge:not([hidden])') !== null"));
        Assert.True(await window.EvaluateAsync<int>("window.slides") > 0);
        Assert.Equal(
            ["Log", "Profile", "Candidates", "Slate"],
            await window.EvaluateAsync<string[]>("[...document.querySelectorAll('.entry:first-child .station.done .station-name')].map((name) => name.textContent)"));
        Assert.Contains("1 interaction", await window.TextAsync(".entry:first-child .way"), StringComparison.Ordinal);
        Assert.Matches(@"^Reflected after [\d.]+ m?s; ", await window.TextAsync(".entry:first-child .verdict"));
        Assert.Contains("curl -X POST", await window.TextAsync(".entry:first-child .curl"), StringComparison.Ordinal);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_bought_item_leaves_the_shelf_with_its_reason()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.SwitchToVisitorAsync();
        string bought = (await window.ShelfAsync())[0];

        await window.ActAsync(1, "purchase");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .gone') !== null");

        Assert.DoesNotContain(bought, await window.ShelfAsync());
        Assert.Contains("bought: not shown again", await window.TextAsync("[data-shelf=forYou] .shelf-line"), StringComparison.Ordinal);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task An_item_may_be_shown_again_after_a_retraction()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.SwitchToVisitorAsync();
        string hidden = (await window.ShelfAsync())[0];
        await window.ActAsync(1, "hide");
        Assert.DoesNotContain(hidden, await window.ShelfAsync());

        await window.ClickAsync(".entry:first-child .entry-foot button:last-child");
        await window.UntilAsync($"document.querySelector('[data-shelf=forYou] .cell[data-item=\"{hidden}\"]') !== null");

        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task The_parts_of_a_score_add_up()
    {
        await using ShopWindow window = await shop.OpenAsync();

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(2) .open");
        await window.UntilAsync("document.querySelector('.pane .sum-row.total') !== null");

        double[] parts = await window.EvaluateAsync<double[]>("[...document.querySelectorAll('.pane .sum-row:not(.total) .sum-value')].map((cell) => Number(cell.textContent.replace('−', '-')))");
        double total = await window.EvaluateAsync<double>("Number(document.querySelector('.pane .sum-row.total .sum-value').textContent)");
        Assert.NotEmpty(parts);
        Assert.Equal(total, parts.Sum(), 0.0006 * (parts.Length + 4)); // each is rounded to 0.001, and those too small to see are not shown
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task No_item_is_on_two_shelves_of_the_page()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.UntilAsync("document.querySelector('[data-shelf=latest] .cell[data-item]') !== null");

        string[] items = await window.EvaluateAsync<string[]>("[...document.querySelectorAll('.shelf:not([hidden]) .cell[data-item]')].map((cell) => cell.dataset.item)");

        Assert.InRange(items.Length, 30, 70);
        Assert.Equal(items.Distinct(), items);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_plainer_answer_is_asked_for_again_until_it_is_complete()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.EvaluateAsync<object?>("""
            (() => {
              const ask = window.fetch;
              window.plain = 2; // further answers that are degraded
              window.fetch = async (url, ...rest) => {
                const answer = await ask(url, ...rest);
                if (!url.endsWith("recommendations:batch") || window.plain === 0) { return answer; }
                window.plain -= 1;
                const body = await answer.json();
                Object.assign(body.shelves[0].slate, { degraded: true, servedBy: "reduced", degradedReasons: ["profile late"] });
                return new Response(JSON.stringify(body));
              };
            })()
            """);
        const string isPlain = "[...document.querySelectorAll('.notice-title')].some((title) => title.textContent === 'A plainer answer: served by reduced')";

        await window.ClickAsync("#visitor");
        await window.UntilAsync($"window.plain === 1 && {isPlain}");
        await window.UntilAsync($"window.plain === 0 && {isPlain}");
        await window.UntilAsync($"!{isPlain}");

        Assert.NotEmpty(await window.ShelfAsync());
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_card_is_explained_as_it_was_shown_and_then_what_its_opening_changed()
    {
        await using ShopWindow window = await shop.OpenAsync();
        string place = "2nd";

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(2) .open");
        await window.UntilAsync("document.querySelector('.pane .since') !== null");

        Assert.StartsWith($"{place} in ", await window.TextAsync(".pane .outcome"), StringComparison.Ordinal);
        Assert.StartsWith("Since you looked at it, it ", await window.TextAsync(".pane .since-text"), StringComparison.Ordinal);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Why_not_shows_the_stage_that_removed_an_item()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.SwitchToVisitorAsync();
        string title = await window.TextAsync("[data-shelf=forYou] .cell:nth-child(1) .open");
        await window.ActAsync(1, "purchase");

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(2) .open");
        await window.Page.TypeAsync("#why-not", title);
        await window.UntilAsync($"document.querySelector('.found button')?.textContent.includes({JsonSerializer.Serialize(title)}) === true");
        await window.PressAsync("Enter");
        await window.UntilAsync("document.querySelector('.why-not-answer .stage.removed') !== null");

        Assert.Equal("Filters", await window.TextAsync(".why-not-answer .stage.removed .stage-name"));
        Assert.StartsWith("A filter keeps it out.", await window.TextAsync(".why-not-answer .outcome"), StringComparison.Ordinal);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Each_new_visitor_is_a_different_cold_user()
    {
        await using ShopWindow window = await shop.OpenAsync();

        await window.SwitchToVisitorAsync();
        string first = await window.EvaluateAsync<string>("JSON.parse(sessionStorage.getItem('recsys.user')).userId");
        await window.PressAsync("n");
        await window.UntilAsync($"JSON.parse(sessionStorage.getItem('recsys.user')).userId !== '{first}'");

        Assert.StartsWith("visitor-", first, StringComparison.Ordinal);
        Assert.True(await window.EvaluateAsync<bool>("document.querySelector('[data-shelf=because]').hidden"));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Keys_alone_are_enough()
    {
        await using ShopWindow window = await shop.OpenAsync();

        await window.PressAsync("n");
        await window.UntilAsync("[...document.querySelectorAll('#notices .notice-title')].some((title) => title.textContent === 'A cold start')");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .cell[data-item]') !== null");
        await window.PressAsync("g", "ArrowRight");
        string second = (await window.ShelfAsync())[1];
        Assert.Equal(second, await window.EvaluateAsync<string>("document.activeElement.closest('.cell').dataset.item"));
        Assert.True(await window.EvaluateAsync<bool>("document.activeElement.matches(':focus-visible')"));

        await window.PressAsync("Enter");
        await window.UntilAsync("document.querySelector('#pane').contains(document.activeElement)");
        await window.UntilReflectedAsync();
        await window.PressAsync("Escape");
        await window.UntilAsync("document.querySelector('#pane').hidden && document.activeElement.closest('.cell') !== null");

        string bought = await window.EvaluateAsync<string>("document.activeElement.closest('.cell').dataset.item");
        await window.PressAsync("b");
        await window.UntilAsync($"document.querySelector('.entry:first-child b').textContent === 'Bought' && document.querySelector('[data-shelf=forYou] .cell[data-item=\"{bought}\"]') === null");
        Assert.NotNull(await window.EvaluateAsync<string>("document.activeElement.closest('.cell').dataset.item")); // the focus did not fall off the page

        await window.PressAsync("ArrowDown");
        Assert.NotEqual("forYou", await window.EvaluateAsync<string>("document.activeElement.closest('.shelf').dataset.shelf"));
        await window.PressAsync("/");
        await window.UntilAsync("document.activeElement.id === 'picker-search'");
        await window.PressAsync("Escape", "?");
        await window.UntilAsync("document.querySelector('#help').open");
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Reduced_motion_is_respected()
    {
        await using ShopWindow window = await shop.OpenAsync(isStill: true);
        await window.SwitchToVisitorAsync();

        await window.ActAsync(2, "addToCart");

        Assert.Equal(0, await window.EvaluateAsync<int>("window.slides"));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_title_is_shown_as_text_whatever_it_contains()
    {
        await using ShopWindow window = await shop.OpenAsync();
        using HttpClient client = new() { BaseAddress = shop.Url };
        const string Title = "<img src=x onerror=alert(1)> zebrafish";
        using HttpResponseMessage put = await client.PutAsJsonAsync("/v1/items/p-markup", new { title = Title, text = "<b>bold</b>" }, Cancel);
        put.EnsureSuccessStatusCode();

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(1) .open");
        await window.Page.TypeAsync("#why-not", "zebrafish");
        await window.UntilAsync("document.querySelector('.found button')?.textContent.includes('zebrafish') === true");

        Assert.Contains(Title, await window.TextAsync(".found button"), StringComparison.Ordinal);
        Assert.Equal(0, await window.EvaluateAsync<int>("document.querySelectorAll('img, .found b').length"));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task An_unreachable_server_is_reported_and_its_return_is_detected()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.Page.SetOfflineModeAsync(true);

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(1) [data-do=addToCart]");
        await window.UntilAsync("document.querySelector('#notices')?.textContent.includes('The server does not answer') === true");
        Assert.Contains("not recorded", await window.TextAsync(".entry:first-child summary"), StringComparison.Ordinal);

        await window.Page.SetOfflineModeAsync(false);
        await window.UntilAsync("!document.querySelector('#notices').textContent.includes('The server does not answer')");
        await window.ClickAsync(".entry:first-child .verdict button");
        await window.UntilReflectedAsync();
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(768)]
    [InlineData(360)]
    public async Task Nothing_is_wider_than_the_window(int width)
    {
        await using ShopWindow window = await shop.OpenAsync(width, 800);
        Assert.Equal(width, await window.EvaluateAsync<int>("document.documentElement.scrollWidth"));

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(1) .open");
        await window.UntilAsync("document.querySelector('.pane .sum-row.total') !== null");

        Assert.Equal(width, await window.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.True(await window.EvaluateAsync<bool>("document.querySelector('.pane-scroll').scrollWidth <= document.querySelector('.pane-scroll').clientWidth"));
        await window.AssertCleanAsync();
    }

    [Theory]
    [InlineData(1440, false)]
    [InlineData(1440, true)]
    [InlineData(360, false)]
    [InlineData(360, true)]
    public async Task Every_text_has_contrast_and_every_target_is_large_enough(int width, bool isDark)
    {
        await using ShopWindow window = await shop.OpenAsync(width, 900, isDark, isStill: true);
        await window.ActAsync(1, "purchase");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .gone') !== null");

        Assert.Empty(await window.Page.EvaluateFunctionAsync<string[]>(Faint, 4.5));
        Assert.Empty(await window.Page.EvaluateFunctionAsync<string[]>(Small, 40));

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(1) .open");
        await window.UntilAsync("document.querySelector('.pane .sum-row.total') !== null");
        Assert.Empty(await window.Page.EvaluateFunctionAsync<string[]>(Faint, 4.5));
        Assert.Empty(await window.Page.EvaluateFunctionAsync<string[]>(Small, 40));
        await window.AssertCleanAsync();
    }

    [Theory]
    [InlineData(1440)]
    [InlineData(768)]
    [InlineData(360)]
    public async Task Tab_goes_as_the_eye_goes(int width)
    {
        await using ShopWindow window = await shop.OpenAsync(width, 800);

        Assert.Empty(await window.OutOfOrderAsync("#top"));
        Assert.Empty(await window.OutOfOrderAsync("[data-shelf=forYou] .cell:first-child .acts"));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_shelf_does_not_repeat_its_name_on_each_item_and_a_new_visitor_sees_trends_of_everything()
    {
        const string Reasons = "[...document.querySelectorAll('[data-shelf=trending] .cell[data-item] .reason')].map((reason) => reason.textContent)";
        await using ShopWindow window = await shop.OpenAsync();
        await window.UntilAsync("document.querySelectorAll('[data-shelf=trending] .cell[data-item]').length > 3");
        Assert.NotEqual("", await window.EvaluateAsync<string>("document.querySelector('[data-shelf=trending] select').value"));
        Assert.All(await window.EvaluateAsync<string[]>(Reasons), reason => Assert.Equal("", reason));

        await window.SwitchToVisitorAsync();

        // Until the new shelf has come, the old one is shown.
        await window.UntilAsync($"document.querySelector('[data-shelf=trending] select').value === '' && {Reasons}.length > 3");
        string[] reasons = await window.EvaluateAsync<string[]>(Reasons);
        Assert.True(reasons.All(reason => reason == "") || reasons.All(reason => reason.StartsWith("Trending in ", StringComparison.Ordinal)), string.Join("; ", reasons));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Confidences_are_shown_only_of_a_curve_that_was_fitted()
    {
        await using ShopWindow window = await shop.OpenAsync();

        // The status of the server decides: its model may have a fitted curve by now, so the page is given both answers.
        string[] texts = await window.EvaluateAsync<string[]>("""
            (async () => {
              const { Shelf } = await import("/js/shelves.js");
              const shelf = new Shelf("test", () => {});
              const shown = (hasConfidence) => {
                shelf.show([{ itemId: "a", title: "a", confidence: 0.08 }], { hasConfidence });
                return shelf.cards.get("a").confidence.textContent;
              };
              return [shown(false), shown(true), ...[...document.querySelectorAll("[data-shelf=trending] .confidence, [data-shelf=latest] .confidence")].map((one) => one.textContent)];
            })()
            """);

        Assert.Equal("", texts[0]);
        Assert.Equal("About 1 in 13 choose it", texts[1]);
        Assert.All(texts[2..], text => Assert.Equal("", text));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Only_what_overtook_others_is_called_rising()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.UntilAsync("document.querySelectorAll('[data-shelf=latest] .cell[data-item]').length > 5");

        // The first one is removed and the last one becomes the first: all others keep their order, and each has another place.
        string[] badges = await window.EvaluateAsync<string[]>("""
            (async () => {
              const { Shelf } = await import("/js/shelves.js");
              const shelf = new Shelf("test", () => {});
              const item = (id) => ({ itemId: id, title: id });
              shelf.show(["a", "b", "c", "d", "e"].map(item));
              shelf.show(["e", "b", "c", "d", "f"].map(item), { isMove: true });
              return shelf.order.map((id) => { const { badge } = shelf.cards.get(id); return badge.hidden ? "" : badge.textContent; });
            })()
            """);

        Assert.Equal(["▲ rising, was 5th", "", "", "", "new here"], badges);
    }

    [Theory]
    [InlineData("/reference.html")]
    [InlineData("/reference.html#%")]
    [InlineData("/reference.html#post-v1-interactions")]
    public async Task The_reference_lists_every_call_that_the_server_describes(string path)
    {
        await using ShopWindow window = await shop.OpenAsync(path: path);
        await window.UntilAsync("document.querySelector('.call') !== null");

        Assert.True(await window.EvaluateAsync<bool>("[...document.querySelectorAll('.call h3')].some((name) => name.textContent === 'POST/v1/interactions')"));
        Assert.Equal(0, await window.EvaluateAsync<int>("document.documentElement.scrollWidth - innerWidth"));
        await window.AssertCleanAsync();
    }

    // Texts whose contrast with what is behind them is below a limit (WCAG 2.2, 1.4.3). Disabled controls are left out, as there.
    private const string Faint = """
        (least) => {
          const brush = new OffscreenCanvas(1, 1).getContext("2d", { willReadFrequently: true });
          const rgba = (colour) => {
            brush.clearRect(0, 0, 1, 1);
            brush.fillStyle = colour;
            brush.fillRect(0, 0, 1, 1);
            return [...brush.getImageData(0, 0, 1, 1).data];
          };
          const light = ([r, g, b]) => [r, g, b].map((part) => part / 255).map((part) => (part <= .04045 ? part / 12.92 : ((part + .055) / 1.055) ** 2.4))
            .reduce((sum, part, at) => sum + part * [.2126, .7152, .0722][at], 0);
          const behind = (element) => {
            for (let at = element; at; at = at.parentElement) {
              const colour = rgba(getComputedStyle(at).backgroundColor);
              if (colour[3] === 255) { return colour; }
            }
            return rgba("white");
          };
          const faint = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest("script, svg, option, .hush, [inert], :disabled")) { continue; }
            const [a, b] = [light(rgba(getComputedStyle(element).color)), light(behind(element))].sort((one, other) => other - one);
            const ratio = (a + .05) / (b + .05);
            if (ratio < least) { faint.push(`${ratio.toFixed(2)} "${walker.currentNode.textContent.trim()}"`); }
          }
          return faint;
        }
        """;

    // Controls that are smaller than a finger. A card's own button counts as its card, which it covers.
    private const string Small = """
        (least) => [...document.querySelectorAll("button, a, select, input, summary")]
          .filter((one) => one.checkVisibility() && !one.closest("[inert], .skip") && !one.matches(".skip"))
          .map((one) => [one, (one.matches(".open") ? one.closest(".card") : one.matches(".search input") ? one.parentElement : one).getBoundingClientRect()])
          .filter(([, box]) => box.width + .5 < least || box.height + .5 < least)
          .map(([one, box]) => `${one.outerHTML.slice(0, 90)} ${box.width.toFixed(0)}x${box.height.toFixed(0)}`)
        """;
}

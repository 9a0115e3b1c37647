using Xunit;

namespace RecSys.Pages.Tests;

/// <summary>Tests the page on own data as a person of the shop uses it.</summary>
[Trait("Category", "Slow")]
public sealed class OwnShopTests(OwnShop shop) : IClassFixture<OwnShop>
{
    private const string IsConfidenceShown = "/^About ([0-9] in 10|1 in [0-9]+) choose it$/.test(document.querySelector('[data-shelf=forYou] .confidence')?.textContent)";

    [Fact]
    public async Task The_buttons_are_those_of_the_settings_and_no_text_is_of_the_made_up_shop()
    {
        await using ShopWindow window = await shop.OpenAsync();

        Assert.Equal(
            ["Save", "Order", "Rate"],
            await window.EvaluateAsync<string[]>("[...document.querySelectorAll('[data-shelf=forYou] .cell:first-child .acts button')].map((button) => button.textContent)"));
        string text = await window.EvaluateAsync<string>("document.documentElement.outerHTML");
        Assert.DoesNotContain("little shop", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("three commands", text, StringComparison.Ordinal);
        Assert.True(await window.EvaluateAsync<bool>("document.querySelector('#surprise').hidden"));
        await window.UntilAsync("document.querySelector('#foot pre')?.textContent.includes('\"type\":\"product_view\"') === true");
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Who_was_active_last_is_picked_and_a_click_changes_the_slate()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.ClickAsync("#shopper");
        await window.UntilAsync("document.querySelectorAll('#picker-list .choice').length === 20");
        await window.Page.TypeAsync("#picker-search", "customer-4");
        await window.PressAsync("Enter");
        await window.UntilAsync("document.querySelector('#heading').textContent === 'What customer-4 sees'");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .shelf-line')?.textContent.startsWith('from 30 interactions') === true");
        string ordered = (await window.ShelfAsync())[0];

        await window.ActAsync(1, "order");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .gone') !== null");

        Assert.DoesNotContain(ordered, await window.ShelfAsync());
        Assert.Contains("bought: not shown again", await window.TextAsync("[data-shelf=forYou] .shelf-line"), StringComparison.Ordinal);
        Assert.Contains("31 interactions", await window.TextAsync(".entry:first-child .way"), StringComparison.Ordinal);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task An_item_is_rated_on_the_scale_of_the_settings_and_its_rating_can_be_corrected()
    {
        await using ShopWindow window = await shop.OpenAsync(isStill: true);
        await window.SwitchToVisitorAsync();
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .cell[data-item]') !== null");
        string rated = (await window.ShelfAsync())[0];

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(1) [data-do=rate]");
        await window.UntilAsync("document.activeElement.closest('.rate') !== null");
        Assert.Equal(
            ["1", "2", "3", "4", "5", "6", "7", "8", "9", "10"],
            await window.EvaluateAsync<string[]>("[...document.querySelectorAll('.pane .rate button')].map((button) => button.textContent)"));

        await window.ClickAsync(".pane .rate button:nth-of-type(8)");
        await window.UntilAsync("document.querySelector('.pane .rate [aria-pressed=true]')?.textContent === '8'");
        await window.UntilAsync("document.querySelector('.entry:first-child .entry-what')?.textContent.endsWith(': 8') === true");
        await window.UntilReflectedAsync();
        await window.ClickAsync(".pane .rate button:nth-of-type(2)");
        await window.UntilAsync("document.querySelectorAll('.pane .rate [aria-pressed=true]').length === 1 && document.querySelector('.pane .rate [aria-pressed=true]').textContent === '2'");
        await window.UntilReflectedAsync();

        Assert.Equal("Rated", await window.TextAsync(".entry:first-child .entry-what b"));
        Assert.DoesNotContain(rated, await window.ShelfAsync());
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_type_that_behaves_like_a_view_is_worded_as_one_and_another_by_its_name()
    {
        await using ShopWindow window = await shop.OpenAsync(isStill: true);
        await window.SwitchToVisitorAsync();
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .cell[data-item]') !== null");

        await window.ClickAsync("[data-shelf=forYou] .cell:nth-child(1) .open");
        await window.UntilReflectedAsync();
        Assert.Equal("Viewed", await window.TextAsync(".entry:first-child .entry-what b"));
        await window.PressAsync("Escape");
        await window.ActAsync(2, "save");

        Assert.Equal("Save", await window.TextAsync(".entry:first-child .entry-what b"));
        Assert.DoesNotContain("product_view", await window.TextAsync("#shelves"), StringComparison.Ordinal);
        await window.UntilAsync("document.querySelector('[data-shelf=because] h2')?.textContent.startsWith('Because ') === true");
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Confidence_is_labelled_where_the_settings_fit_its_curve_and_absent_for_someone_unknown()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.ClickAsync("#shopper");
        await window.Page.TypeAsync("#picker-search", "customer-4");
        await window.PressAsync("Enter");
        await window.UntilAsync(IsConfidenceShown); // the first slate may be one of a lower tier, which has no confidences

        Assert.Equal("", await window.TextAsync("[data-shelf=latest] .confidence"));

        await window.SwitchToVisitorAsync();

        Assert.Equal("", await window.TextAsync("[data-shelf=forYou] .confidence"));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task After_a_slate_of_a_lower_tier_the_page_asks_again_and_shows_confidences()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await ChangeAnswersAsync(
            window,
            "recommendations",
            "if (!window.isPlain) { window.isPlain = true; Object.assign(body.shelves[0].slate, { modelVersion: undefined, servedBy: 'trending', degraded: true, degradedReasons: ['profile late'], coldUser: true }); }");
        await window.ClickAsync("#shopper");
        await window.Page.TypeAsync("#picker-search", "customer-4");
        await window.PressAsync("Enter");

        await window.UntilAsync("document.querySelector('.notice-title')?.textContent === 'A plainer answer: served by trending'");
        Assert.Equal("", await window.TextAsync("[data-shelf=forYou] .confidence"));

        await window.UntilAsync(IsConfidenceShown);
        await window.UntilAsync("[...document.querySelectorAll('.notice-title')].every((title) => !title.textContent.startsWith('A plainer answer'))");
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Confidences_are_shown_as_soon_as_the_server_reports_that_their_curve_is_fitted()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await ChangeAnswersAsync(window, "/v1/status", "body.confidenceFitted = window.isFitted === true; window.isUnfitted = true;");
        await window.UntilAsync("window.isUnfitted === true");
        await window.ClickAsync("#shopper");
        await window.Page.TypeAsync("#picker-search", "customer-4");
        await window.PressAsync("Enter");
        await window.UntilAsync("document.querySelector('[data-shelf=forYou] .shelf-line')?.textContent.startsWith('from 3') === true");
        Assert.Equal("", await window.TextAsync("[data-shelf=forYou] .confidence"));

        await window.EvaluateAsync<bool>("window.isFitted = true");
        await window.UntilAsync(IsConfidenceShown);
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task Items_are_found_by_their_title_with_price_and_stock()
    {
        await using ShopWindow window = await shop.OpenAsync();

        await window.PressAsync("f");
        await window.Page.Keyboard.TypeAsync("lamp 0");
        await window.UntilAsync("document.querySelectorAll('[data-shelf=found] .cell[data-item]').length === 1");

        Assert.Equal("€19.90", await window.TextAsync("[data-shelf=found] .price"));
        Assert.Equal("Out of stock", await window.TextAsync("[data-shelf=found] .stamp"));
        Assert.DoesNotContain("sku-00", await window.ShelfAsync("latest"));

        await window.PressAsync("ArrowDown", "Enter");
        await window.UntilAsync("!document.querySelector('#pane').hidden");
        Assert.Equal("€19.90 · Out of stock", await window.TextAsync(".pane-price"));
        Assert.Equal("https://shop.example/0", await window.EvaluateAsync<string>("document.querySelector('.pane a').href"));
        await window.UntilAsync("document.querySelector('.pane .outcome.filtered')?.textContent.includes('out of stock') === true");
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_picture_is_shown_and_one_that_cannot_be_loaded_gives_way_to_a_drawing()
    {
        await using ShopWindow window = await shop.OpenAsync();

        await window.PressAsync("f");
        await window.Page.Keyboard.TypeAsync("lamp");
        await window.UntilAsync("document.querySelector('[data-shelf=found] [data-item=sku-01] img')?.naturalWidth > 0");
        await window.UntilAsync("document.querySelector('[data-shelf=found] [data-item=sku-02] svg.picture') !== null");

        Assert.Equal(
            ["Lamp 1", "lazy", "no-referrer"],
            await window.EvaluateAsync<string[]>("['alt', 'loading', 'referrerpolicy'].map((name) => document.querySelector('[data-item=sku-01] img').getAttribute(name))"));
        Assert.Equal(
            1,
            await window.EvaluateAsync<int>("new Set([...document.querySelectorAll('[data-shelf=found] .frame-picture')].map((frame) => Math.round(frame.clientHeight))).size"));
        await window.AssertCleanAsync();
    }

    [Theory]
    [InlineData(1440, false)]
    [InlineData(768, true)]
    [InlineData(360, false)]
    [InlineData(360, true)]
    public async Task It_fits_every_window_and_a_phone_shows_one_notice_at_most(int width, bool isDark)
    {
        await using ShopWindow window = await shop.OpenAsync(width, 800, isDark);
        await window.EvaluateAsync<object?>("""
            import("/js/notices.js").then(({ notice }) => ["stale", "refused"].forEach((name) => notice(name, { key: name, title: name, text: name, todo: [] }))).then(() => null)
            """);

        Assert.Equal(width, await window.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        Assert.Equal(
            width == 360 ? ["refused"] : ["refused", "stale"],
            await window.EvaluateAsync<string[]>("[...document.querySelectorAll('.notice-title')].filter((title) => title.checkVisibility()).map((title) => title.textContent).filter((title) => title !== 'A cold start')"));
        Assert.Empty(await window.OutOfOrderAsync("#top"));
        Assert.Empty(await window.OutOfOrderAsync("[data-shelf=forYou] .cell:first-child .acts"));
        await window.AssertCleanAsync();
    }

    [Fact]
    public async Task A_refusal_clears_by_itself()
    {
        await using ShopWindow window = await shop.OpenAsync();
        await window.EvaluateAsync<object?>("""
            import("/js/notices.js").then(({ notice }) => notice("refused", { key: "r", title: "Refused", text: "", todo: [], lastsMs: 50 })).then(() => null)
            """);

        await window.UntilAsync("![...document.querySelectorAll('.notice-title')].some((title) => title.textContent === 'Refused')");
        await window.AssertCleanAsync();
    }

    /// <summary>Changes the bodies of the answers whose URL contains a text, before the page gets them.</summary>
    private static Task<bool> ChangeAnswersAsync(ShopWindow window, string url, string change) => window.EvaluateAsync<bool>($$"""
        (() => {
          const fetched = window.fetch;
          window.fetch = async (...call) => {
            const answer = await fetched(...call);
            if (!String(call[0]).includes("{{url}}") || !answer.ok) {
              return answer;
            }
            const body = await answer.json();
            {{change}}
            return new Response(JSON.stringify(body), { status: answer.status, headers: answer.headers });
          };
          return true;
        })()
        """);
}

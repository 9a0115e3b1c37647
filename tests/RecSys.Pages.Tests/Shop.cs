using System.Diagnostics;
using System.Text.RegularExpressions;
using PuppeteerSharp;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Pages.Tests;

/// <summary>The program's own shop, <c>recsys play</c>, and a browser on it.</summary>
/// <remarks>RECSYS_PAGES_URL is the address of a <c>recsys play</c> that runs already; none is started then.</remarks>
public partial class Shop : IAsyncLifetime
{
    private static readonly TimeSpan StartMax = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(100);
    private static readonly string[] Flags =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--disable-dev-shm-usage",
    ];

    private readonly DataFolder _folder = new(); // also holds the program's temporary files: killed, it cannot clear them away
    private Process? _program;
    private IBrowser? _browser;

    /// <summary>The folder of the program's data, deleted at the end.</summary>
    protected string Folder => _folder.Path;

    /// <summary>The address of the shop.</summary>
    public Uri Url { get; private set; } = new("about:blank");

    /// <summary>The address of a shop of this kind that runs already, or null.</summary>
    protected virtual Uri? Running => Environment.GetEnvironmentVariable("RECSYS_PAGES_URL") is { Length: > 0 } url ? new Uri(url) : null;

    /// <inheritdoc/>
    public async ValueTask InitializeAsync()
    {
        if (FindChromium() is not { } chromium)
        {
            return; // each test says so
        }

        Url = Running ?? await StartAsync();
        await UntilTrainedAsync();
        _browser = await Puppeteer.LaunchAsync(new LaunchOptions { ExecutablePath = chromium, Headless = true, Args = Flags });
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        if (_browser is not null)
        {
            await _browser.CloseAsync();
        }

        if (_program is not null)
        {
            _program.Kill(entireProcessTree: true);
            await _program.WaitForExitAsync(CancellationToken.None);
            _program.Dispose();
        }

        _folder.Dispose();
    }

    /// <summary>Opens the shop in a new window without cookies and stored data, and waits until its first shelf is filled.</summary>
    public async Task<ShopWindow> OpenAsync(int width = 1440, int height = 1000, bool isDark = false, bool isStill = false, string path = "/")
    {
        if (_browser is null)
        {
            Assert.SkipWhen(Environment.GetEnvironmentVariable("CI") != "true", "no chromium is here: set CHROMIUM to its path");
            Assert.Fail("no chromium is here, and CI must look at the pages");
        }

        IBrowserContext context = await _browser.CreateBrowserContextAsync();
        IPage page = await context.NewPageAsync();
        await page.SetViewportAsync(new ViewPortOptions { Width = width, Height = height });
        await page.EmulateMediaFeaturesAsync(
        [
            new MediaFeatureValue { MediaFeature = MediaFeature.PrefersColorScheme, Value = isDark ? "dark" : "light" },
            new MediaFeatureValue { MediaFeature = MediaFeature.PrefersReducedMotion, Value = isStill ? "reduce" : "no-preference" },
        ]);
        ShopWindow window = await ShopWindow.WatchAsync(context, page, Url);
        await window.GoAsync(path);
        return window;
    }

    private static string? FindChromium()
    {
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        string[] names = ["chromium", "chromium-browser", "google-chrome"];
        return ((string?[])[Environment.GetEnvironmentVariable("CHROMIUM"), "/usr/bin/chromium"])
            .Concat(names.SelectMany(name => folders.Select(folder => Path.Combine(folder, name))))
            .FirstOrDefault(File.Exists);
    }

    /// <summary>Starts a program that serves the shop, and returns its address.</summary>
    protected virtual Task<Uri> StartAsync() => ServeAsync("play", "-q");

    /// <summary>Starts a command that serves, at a free port.</summary>
    protected async Task<Uri> ServeAsync(params string[] arguments)
    {
        _program = Start([.. arguments, "--urls", "http://127.0.0.1:0"]);
        List<string> reported = [];
        _program.ErrorDataReceived += (_, line) => reported.Add(line.Data ?? "");
        _program.BeginErrorReadLine();
        using CancellationTokenSource deadline = new(StartMax);
        while (await _program.StandardOutput.ReadLineAsync(deadline.Token) is { } line)
        {
            if (Address().Match(line) is { Success: true } address)
            {
                _ = DrainAsync(_program.StandardOutput);
                return new Uri(address.Value);
            }
        }

        throw new InvalidOperationException($"recsys {arguments[0]} ended without its address: {string.Join(' ', reported)}");
    }

    /// <summary>Runs a command to its end.</summary>
    protected async Task RunAsync(params string[] arguments)
    {
        using Process program = Start(arguments);
        using CancellationTokenSource deadline = new(StartMax);
        Task<string> output = program.StandardOutput.ReadToEndAsync(deadline.Token);
        string errors = await program.StandardError.ReadToEndAsync(deadline.Token);
        await program.WaitForExitAsync(deadline.Token);
        if (program.ExitCode != 0)
        {
            throw new InvalidOperationException($"recsys {string.Join(' ', arguments)} failed: {await output} {errors}");
        }
    }

    private Process Start(IEnumerable<string> arguments) => Process.Start(
        new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "recsys.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["TMPDIR"] = _folder.Path, ["TEMP"] = _folder.Path, ["TMP"] = _folder.Path },
        }) ?? throw new InvalidOperationException("dotnet does not start");

    // The first model is trained after the shop is open; it would change the shelves during a test.
    private async Task UntilTrainedAsync()
    {
        using HttpClient client = new() { BaseAddress = Url };
        using CancellationTokenSource deadline = new(StartMax);
        while (!(await client.GetStringAsync("/v1/status", deadline.Token)).Contains("\"modelVersion\"", StringComparison.Ordinal))
        {
            await Task.Delay(Poll, TimeProvider.System, deadline.Token);
        }
    }

    private static async Task DrainAsync(StreamReader output)
    {
        while (await output.ReadLineAsync() is not null)
        {
            // The output is read, because a full pipe would block the program.
        }
    }

    [GeneratedRegex(@"http://127\.0\.0\.1:\d+/?")]
    private static partial Regex Address();
}

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using RecSys.Actors;
using RecSys.Cli.Play;
using RecSys.Cli.Settings;
using RecSys.Core.Diagnostics;
using RecSys.Kafka;
using RecSys.Server;
using RecSys.Serving;

namespace RecSys.Cli.Hosting;

/// <summary>A RecSys in this process; it registers the adapters for the ports.</summary>
internal sealed partial class RecSysHost : IAsyncDisposable
{
    /// <summary>Default address of a server.</summary>
    public const string DefaultUrl = "http://127.0.0.1:5080";

    /// <summary>The time after which a shutdown is abandoned; it normally takes one or two seconds.</summary>
    public static readonly TimeSpan ShutdownMax = TimeSpan.FromSeconds(15);

    private static readonly KeyValuePair<string, string?>[] Defaults =
    [
        // The start itself reports its failure.
        new("Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host", "Critical"),

        // This category would have an activity and a log scope created for each request: a fifth of what a write allocates. If a listener traces the process, activities are created nevertheless.
        new("Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics", "None"),
    ];

    private const string InstallationCategory = "RecSys.Installation";

    private readonly WebApplication _application;

    /// <summary>Completes when the host has stopped after a stop request. It stops the host, and there is one of it: each call of the host's StopAsync stops all services again.</summary>
    private readonly Lazy<Task> _shutdown;

    private RecSysHost(WebApplication application, Uri url, string? apiKey)
    {
        _application = application;
        _shutdown = new Lazy<Task>(() => application.WaitForShutdownAsync());
        Url = url;
        ApiKey = apiKey;
    }

    /// <summary>Gets the address at which processes of this machine reach the server.</summary>
    public Uri Url { get; }

    /// <summary>Gets a key with the role admin, if keys are configured.</summary>
    public string? ApiKey { get; }

    /// <summary>Starts the server; the task completes when it listens.</summary>
    /// <exception cref="CommandException">The server cannot be started; the message has the reason.</exception>
    /// <exception cref="OperationCanceledException">A stop was requested during the start.</exception>
    public static async Task<RecSysHost> StartAsync(HostArguments arguments, CancellationToken cancellationToken) =>
        await TryStartAsync(arguments, cancellationToken) ?? throw new OperationCanceledException(cancellationToken);

    /// <summary>Starts the server; the task completes when it listens.</summary>
    /// <returns>The server; null if a stop was requested during the start, by the token or by a signal: then everything that had started is stopped.</returns>
    /// <exception cref="CommandException">The server cannot be started; the message has the reason.</exception>
    public static async Task<RecSysHost?> TryStartAsync(HostArguments arguments, CancellationToken cancellationToken)
    {
        // If a process runs out of open files, the runtime cannot load code, and does not retry.
        if (HealthRules.OpenFiles(InstallationHealth.OpenFilesMax()) is { Verdict: HealthVerdict.Bad } files)
        {
            throw new CommandException($"{files.Found}: {files.Command}");
        }

        _ = Task.Run(RecSysActorSystem.Preload, CancellationToken.None);
        WebApplication? application = null;
        KafkaInteractionLog? kafka = null;
        Task? actors = null;
        IConfiguration configuration;
        try
        {
            WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
            Configure(builder, arguments);
            configuration = builder.Configuration;
            KafkaLog? log = KafkaLog.Of(configuration);
            IReadOnlyList<string> notes = await Installation.PrepareAsync(
                arguments.Folder.Files, arguments.Rebuild, arguments.AcceptDamage, TimeProvider.System.GetUtcNow(), cancellationToken, PostgresStates.Of(configuration), log);
            LateLogger<KafkaInteractionLog> logger = new();
            kafka = log is null ? null : await log.OpenAsync(arguments.Folder.Files, logger, PostgresStates.Of(configuration));
            Composition.AddRecSys(builder.Services, configuration, arguments, kafka);
            application = builder.Build();

            // The actor system is created while the endpoints are mapped; its first use reports a failure.
            IServiceProvider services = application.Services;
            actors = Task.Run(() => services.GetRequiredService<RecSysActorSystem>().System, CancellationToken.None);
            logger.Target = application.Services.GetRequiredService<ILogger<KafkaInteractionLog>>();
            ILogger installation = application.Services.GetRequiredService<ILoggerFactory>().CreateLogger(InstallationCategory);
            foreach (string note in notes)
            {
                LogNote(installation, note);
            }

            if (arguments.Shop is { } played)
            {
                ShopOpening.Map(application, played);
            }

            application.MapRecSys();

            // A background service links the token of the start to its own, and the host reports its cancellation as a failure unless the host is stopping.
            using CancellationTokenRegistration onCancelled = cancellationToken.Register(application.Lifetime.StopApplication);
            await application.StartAsync(CancellationToken.None);
            if (arguments.Shop is { } shop)
            {
                await ShopOpening.OpenAsync(shop, application.Services, cancellationToken);
            }
        }
        catch (Exception error)
        {
            bool isStopped = error is OperationCanceledException
                && (cancellationToken.IsCancellationRequested || application?.Lifetime.ApplicationStopping.IsCancellationRequested == true);
            if (application is not null)
            {
                await Task.WhenAny(actors ?? Task.CompletedTask);
                await application.StopAsync(CancellationToken.None); // the services that were started are stopped
                await application.DisposeAsync();
            }

            if (kafka is not null)
            {
                await kafka.DisposeAsync();
            }

            if (isStopped)
            {
                return null;
            }

            if (StartProblem.Of(error, arguments.Folder) is { } problem)
            {
                throw problem;
            }

            throw;
        }

        Uri url = Reachable(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        arguments.Folder.Announce(url);
        return new RecSysHost(application, url, AdminKey(configuration));
    }

    /// <summary>Waits until the server has received a stop request and has shut down.</summary>
    /// <param name="cancellationToken">Requests the stop when it is cancelled.</param>
    public async Task WaitForShutdownAsync(CancellationToken cancellationToken)
    {
        using CancellationTokenRegistration onCancelled = cancellationToken.Register(_application.Lifetime.StopApplication);
        await _shutdown.Value;
    }

    /// <summary>Gets whether the other nodes removed this one from the cluster.</summary>
    public bool IsDowned => _application.Services.GetRequiredService<RecSysActorSystem>().End == NodeEnd.Downed;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _application.Lifetime.StopApplication();
        await _shutdown.Value;
        await _application.DisposeAsync();
    }

    private static void Configure(WebApplicationBuilder builder, HostArguments arguments)
    {
        // The cluster's log has warnings that matter to a server, and not to a command that reports its own failure.
        KeyValuePair<string, string?> cluster = new("Logging:LogLevel:Akka", arguments.IsForOneCommand ? "Critical" : "Warning");
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [.. Defaults, cluster] });
        if (Directory.Exists(arguments.Folder.Files.Settings))
        {
            throw new CommandException($"{arguments.Folder.Files.Settings}: must be the settings file, but is a folder; move it away", ExitCodes.WrongUsage);
        }

        builder.Configuration.AddJsonFile(arguments.Folder.Files.Settings, optional: true);
        builder.Configuration.AddEnvironmentVariables();
        builder.Configuration.AddInMemoryCollection(arguments.Settings);
        if (arguments.IsForOneCommand)
        {
            // An interactive command waits for the complete answer of a program that has just started.
            builder.Configuration.AddInMemoryCollection([new($"{ServingOptions.Section}:{nameof(ServingOptions.Deadline)}", "00:00:10")]);
        }

        SettingsCheck.Require(builder.Configuration);
        ListenUrls.RequireEndpoints(builder.Configuration);
        builder.WebHost.UseUrls(arguments.IsForOneCommand ? "http://127.0.0.1:0" : UrlsOf(builder.Configuration, arguments));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = ShutdownMax);
        builder.Services.AddHostedService<RequestDrain>();
        UninterruptedServer.Replace(builder.Services);
        builder.Logging.ClearProviders();
        builder.Logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "HH:mm:ss ";
        });
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(
            console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Logging.SetMinimumLevel(
            arguments.IsForOneCommand ? LogLevel.Critical // the command itself reports failures
            : arguments.Shop is not null ? LogLevel.Error
            : LogLevel.Information);
        builder.Logging.AddFilter(InstallationCategory, LogLevel.Warning); // every command prints the changes to damaged files
    }

    private static string UrlsOf(ConfigurationManager configuration, HostArguments arguments) =>
        arguments.Urls is { } named ? ListenUrls.Require("--urls", named)
        : configuration["urls"] is { } configured ? ListenUrls.Require("urls", configured)
        : DefaultUrl;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Note}")]
    private static partial void LogNote(ILogger logger, string note);

    // "any address" is reached on loopback from this machine.
    private static Uri Reachable(string address)
    {
        UriBuilder url = new(address.Replace("://+", "://localhost", StringComparison.Ordinal).Replace("://*", "://localhost", StringComparison.Ordinal));
        if (url.Host is "0.0.0.0" or "[::]")
        {
            url.Host = "127.0.0.1";
        }

        return url.Uri;
    }

    private static string? AdminKey(IConfiguration configuration)
    {
        RecSysServerOptions options = new();
        configuration.GetSection(RecSysServerOptions.Section).Bind(options);
        return options.ApiKeys.FirstOrDefault(key => key.Roles.Contains("admin"))?.Key;
    }
}

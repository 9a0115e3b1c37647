using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using RecSys.Actors;
using RecSys.Batch;
using RecSys.Cli.Settings;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Kafka;
using RecSys.Postgres;
using RecSys.Server;
using RecSys.Server.Telemetry;
using RecSys.Serving;
using RecSys.Speed;
using RecSys.Sqlite;

namespace RecSys.Cli.Hosting;

/// <summary>Chooses the adapter of each port.</summary>
internal static partial class Composition
{
    /// <summary>Adds all layers over the stores of a data folder.</summary>
    public static void AddRecSys(IServiceCollection services, IConfiguration configuration, HostArguments arguments, KafkaInteractionLog? kafka)
    {
        DataFolder folder = arguments.Folder;
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(TypesOf(configuration));
        services.AddSingleton(folder);
        services.AddSingleton(folder.Files);
        services.AddHostedService<DataFolderWatch>();
        services.AddSingleton<IHealthChecks>(provider => new InstallationHealth(
            folder.Files, provider.GetRequiredService<TimeProvider>(), isDeep: false, provider.GetRequiredService<IModelStore>(), PostgresStates.Of(configuration), KafkaLog.Of(configuration)));
        AddStores(services, configuration, folder, kafka);

        services.AddRecSysActors(options =>
        {
            configuration.GetSection(ActorsOptions.Section).Bind(options);
            options.Join = arguments.Join ?? options.Join;

            // Binding a list adds to the default; the settings replace it.
            options.Roles = arguments.Roles ?? configuration.GetSection($"{ActorsOptions.Section}:roles").Get<string[]>() ?? NodeRoles.All;
        });
        services.AddSpeedLayer(options => configuration.GetSection(SpeedOptions.Section).Bind(options));
        services.AddSingleton(new BatchScope(arguments.IsForOneCommand));
        services.AddBatchLayer(options => configuration.GetSection(BatchOptions.Section).Bind(options));
        if (!arguments.IsForOneCommand)
        {
            services.AddHostedService<AliasPolling>();
        }

        services.AddOptions<RecSysServerOptions>().Configure<IOptions<ActorsOptions>>((server, actors) => server.AnswersClients &= actors.Value.Roles.Contains(NodeRoles.Serve));
        services.AddServingLayer(options => configuration.GetSection(ServingOptions.Section).Bind(options));
        services.AddRecSysServer(options =>
        {
            if (arguments.OnCall is { } onCall)
            {
                options.CallCompleted = call => onCall(new CallSeen(call.Method, call.Target, call.Status, call.ElapsedMs));
            }
        });
        if (!arguments.IsForOneCommand)
        {
            services.AddHostedService<FirstAnswer>();
            services.AddOtlpExport(configuration);
        }

        services.AddReportedOptions<ActorsOptions>(ActorsOptions.Section);
        services.AddReportedOptions<SpeedOptions>(SpeedOptions.Section);
        services.AddReportedOptions<BatchOptions>(BatchOptions.Section);
    }

    private static void AddStores(IServiceCollection services, IConfiguration configuration, DataFolder folder, KafkaInteractionLog? kafka)
    {
        InstallationFiles files = folder.Files;
        PostgresOptions? postgres = PostgresStates.OptionsOf(configuration);
        if (kafka is null || postgres is null)
        {
            services.AddSingleton<IValidateOptions<ActorsOptions>>(new FilesOfOneNode(
                (kafka, postgres) switch
                {
                    (null, null) => "the log and the states are SQLite files",
                    (null, _) => "the log is an SQLite file",
                    _ => "the states are an SQLite file",
                }));
        }

        services.AddSingleton(_ => SqliteInstallation.OpenOwnerHash(files.Log));
        services.AddSingleton<LogRecordCodec>();
        services.AddSingleton(provider => SqliteInteractionLog.Open(
            Bound(SqliteLogOptions.Section, new SqliteLogOptions { Path = files.Log }),
            provider.GetRequiredService<LogRecordCodec>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<SqliteControlStore>();
        if (kafka is null || postgres is null)
        {
            services.AddSingleton<IControlStore>(provider => provider.GetRequiredService<SqliteControlStore>());
        }
        else
        {
            services.AddSingleton<IControlStore, PostgresControlStore>();
            services.AddSingleton<ILeaseTable, PostgresLeaseTable>();
            services.AddHostedService<ControlMove>();
        }

        if (kafka is null)
        {
            services.AddSingleton<IInteractionLog>(provider => provider.GetRequiredService<SqliteInteractionLog>());
        }
        else
        {
            services.AddSingleton(_ => kafka); // made by a factory, so that the container disposes of it
            services.AddSingleton<IInteractionLog>(provider => provider.GetRequiredService<KafkaInteractionLog>());
            services.AddHostedService<KafkaLag>();
        }

        if (postgres is not null)
        {
            services.Configure<PostgresOptions>(configuration.GetSection(PostgresOptions.Section));
            services.AddReportedOptions<PostgresOptions>(PostgresOptions.Section);
            services.AddSingleton(provider => PostgresStore.Create(
                postgres, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PostgresStore>>()));
            services.AddSingleton<ISnapshotTable>(provider => new PostgresSnapshotTable(provider.GetRequiredService<PostgresStore>(), MarkOf(provider)));
        }
        else
        {
            services.AddSingleton<ISnapshotTable>(provider => SqliteSnapshotTable.Open(
                Bound(SqliteSnapshotOptions.Section, new SqliteSnapshotOptions { Path = files.States }), MarkOf(provider)));
        }

        services.AddSingleton(provider => SqliteImpressionLog.Open(
            Bound(SqliteImpressionOptions.Section, new SqliteImpressionOptions { Path = files.Impressions }), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IImpressionLog>(provider => provider.GetRequiredService<SqliteImpressionLog>());
        services.AddHostedService<SlatesMark>();
        services.AddSingleton<PublishedModels>();
        services.AddSingleton<IModelStore>(provider => new FileModelStore(
            files.Models,
            provider.GetRequiredService<IControlStore>(),
            provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<PublishedModels>().RememberAsync,
            provider.GetRequiredService<OwnerHash>().Installation));
        services.AddSingleton<IJobResults>(provider =>
        {
            ILogger<FileJobResults> logger = provider.GetRequiredService<ILogger<FileJobResults>>();
            return new FileJobResults(
                files.Results, Bound(JobResultOptions.Section, new JobResultOptions()), provider.GetRequiredService<TimeProvider>(), error => LogNotDeleted(logger, error.Message));
        });
        services.AddSingleton<ServedModels>();
        services.AddHostedService<ModelLoading>();
        services.AddHostedService<ModelWatch>();
        services.AddHostedService<IdleTrim>();
        services.AddSingleton<IFoldStore>(provider => new FileFoldStore(
            files.Folds, provider.GetRequiredService<OwnerHash>().Installation, provider.GetRequiredService<TimeProvider>(), () => folder.IsInPlace));
        services.AddSingleton<IServedModels>(provider => provider.GetRequiredService<ServedModels>());
        services.AddSingleton(provider => (IErasable)provider.GetRequiredService<IInteractionLog>());
        services.AddSingleton(provider => (IErasable)provider.GetRequiredService<ISnapshotTable>());
        services.AddSingleton<IErasable>(provider => provider.GetRequiredService<IImpressionLog>());
        services.AddSingleton<IErasable>(provider => provider.GetRequiredService<IJobResults>());

        // On Kafka, the parts that read the log compare their positions with its ends.
        Func<LogMark>? MarkOf(IServiceProvider provider)
        {
            SqliteInteractionLog log = provider.GetRequiredService<SqliteInteractionLog>();
            return kafka is null ? () => log.Mark : null;
        }

        T Bound<T>(string section, T options)
            where T : class
        {
            configuration.GetSection(section).Bind(options);
            return options;
        }
    }

    /// <summary>Returns the configured interaction types, or the default ones.</summary>
    /// <exception cref="CommandException">The configured types are invalid.</exception>
    public static InteractionTypes TypesOf(IConfiguration configuration)
    {
        List<InteractionTypeOptions> configured = [];
        configuration.GetSection(SettingsSchema.InteractionTypes).Bind(configured);
        try
        {
            return configured.Count == 0
                ? InteractionTypes.Default
                : new InteractionTypes([.. configured.Select(type => type.ToType())]);
        }
        catch (ArgumentException error)
        {
            throw new CommandException($"{SettingsSchema.InteractionTypes}: {error.Message}", ExitCodes.WrongUsage);
        }
    }

    /// <summary>Reads the settings of a data folder, which need not exist.</summary>
    /// <exception cref="CommandException">A setting is invalid.</exception>
    public static IConfiguration SettingsOf(string data)
    {
        IConfigurationRoot configuration;
        try
        {
            configuration = new ConfigurationBuilder()
                .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
                .AddJsonFile(new InstallationFiles(data).Settings, optional: true)
                .AddEnvironmentVariables()
                .Build();
        }
        catch (Exception error) when (error is InvalidDataException or FormatException && StartProblem.SettingsProblem(error) is { } problem)
        {
            throw new CommandException(problem, ExitCodes.WrongUsage);
        }

        SettingsCheck.Require(configuration);
        return configuration;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "a result of a job is over, but {Reason}; the deletion is retried")]
    private static partial void LogNotDeleted(ILogger logger, string reason);
}

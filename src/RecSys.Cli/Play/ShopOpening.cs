using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Cli.Play;

/// <summary>Opens a simulated shop: appends its history to the log, trains a model, and serves the names of the shoppers to the page.</summary>
internal static class ShopOpening
{
    /// <summary>Number of records in one append.</summary>
    private const int AppendRecords = 5_000;

    /// <summary>Answers <c>/play/shop.json</c>, which contains the shoppers of the simulated shop for the page.</summary>
    public static void Map(WebApplication application, ShopWorld shop)
    {
        ShopBody body = new(shop.Featured, ShopWorld.Categories);
        application.Use(async (context, next) =>
        {
            if (context.Request.Path == "/play/shop.json" && HttpMethods.IsGet(context.Request.Method))
            {
                await context.Response.WriteAsJsonAsync(body, ShopJsonContext.Default.ShopBody, cancellationToken: context.RequestAborted);
                return;
            }

            await next(context);
        });
    }

    /// <summary>Appends all interactions and starts a training: until its end, slates use trends and content.</summary>
    public static async Task OpenAsync(ShopWorld shop, IServiceProvider services, CancellationToken cancellationToken)
    {
        IInteractionLog log = services.GetRequiredService<IInteractionLog>();
        foreach (LogRecord[] records in shop.Records().Chunk(AppendRecords))
        {
            await log.AppendAsync(records, cancellationToken);
        }

        await services.GetRequiredService<IBatchJobs>().StartAsync(
            new JobRequest(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty), cancellationToken);
    }
}

using System.Collections.Immutable;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Cli.Play;

/// <summary>Opens a made-up shop: its history goes into the log, a model is trained, and the page is told who shops.</summary>
internal static class ShopOpening
{
    /// <summary>Records in one append.</summary>
    private const int AppendRecords = 5_000;

    /// <summary>Answers <c>/play/shop.json</c>, which tells the page that it is played, and by whom.</summary>
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

    /// <summary>Appends everything that happened and asks for a training: slates come from trends and content until it is done.</summary>
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

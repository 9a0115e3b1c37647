namespace RecSys.Client.Tests;

internal static class Clients
{
    public const string Accepted = """{"accepted":1,"position":"p1"}""";

    public const string Slate =
        """{"recommendationId":"r","servedBy":"full","degraded":false,"freshnessMs":1.5,"items":[]}""";

    public static RecSysClient Of(
        FakeServer server,
        TimeProvider? time = null,
        Action<RecSysClientOptions>? configure = null,
        double random = 1)
    {
        RecSysClientOptions options = new() { BaseAddress = new Uri("http://shop.test") };
        configure?.Invoke(options);
        return new RecSysClient(
            new HttpClient(server) { Timeout = Timeout.InfiniteTimeSpan },
            options,
            time ?? TimeProvider.System,
            () => random,
            isOwner: true);
    }

    public static InteractionBody View(string user = "u", string item = "i", string? id = null) =>
        new() { UserId = user, ItemId = item, Type = "view", Id = id };
}

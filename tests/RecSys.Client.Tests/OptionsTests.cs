using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

using Xunit;

namespace RecSys.Client.Tests;

public sealed class OptionsTests
{
    public static TheoryData<string, string?, string?, double, int> Bad => new()
    {
        { "BaseAddress", null, null, 1, 0 },
        { "BaseAddress", "/relative", null, 1, 0 },
        { "BaseAddress", "ftp://a/", null, 1, 0 },
        { "BaseAddress", "http://a/?q=1", null, 1, 0 },
        { "ApiKey", "http://a/", "", 1, 0 },
        { "ApiKey", "http://a/", "two\r\nlines", 1, 0 },
        { "ApiKey", "http://a/", "é", 1, 0 },
        { "Timeout", "http://a/", null, 0, 0 },
        { "Timeout", "http://a/", null, 3_601, 0 },
        { "RetriesMax", "http://a/", null, 1, -1 },
        { "RetriesMax", "http://a/", null, 1, 11 },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void An_option_out_of_its_range_is_refused_by_name(
        string name, string? address, string? key, double timeoutSeconds, int retries)
    {
        void Configure(RecSysClientOptions options)
        {
            options.BaseAddress = address is null ? null : new Uri(address, UriKind.RelativeOrAbsolute);
            options.ApiKey = key;
            options.Timeout = TimeSpan.FromSeconds(timeoutSeconds);
            options.RetriesMax = retries;
        }

        RecSysClientOptions options = new();
        Configure(options);
        using ServiceProvider services =
            new ServiceCollection().AddRecSys(Configure).Services.BuildServiceProvider();

        OptionsValidationException direct =
            Assert.Throws<OptionsValidationException>(() => new RecSysClient(options));
        OptionsValidationException resolved =
            Assert.Throws<OptionsValidationException>(() => services.GetRequiredService<IRecSysClient>());

        Assert.StartsWith(name, Assert.Single(direct.Failures), StringComparison.Ordinal);
        Assert.Equal(direct.Failures, resolved.Failures);
    }

    [Fact]
    public void A_refused_key_is_not_shown()
    {
        RecSysClientOptions options = new() { BaseAddress = new Uri("http://a/"), ApiKey = "secret key" };

        Assert.DoesNotContain(
            "secret",
            Assert.Throws<OptionsValidationException>(() => new RecSysClient(options)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_client_of_a_container_takes_the_containers_handlers_and_clock()
    {
        ArmedTime time = new();
        FakeServer server = new(FakeServer.Json(Clients.Accepted));
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(time);
        services.AddRecSys(options => options.BaseAddress = new Uri("http://shop.test"))
            .ConfigurePrimaryHttpMessageHandler(() => server);
        await using ServiceProvider provider = services.BuildServiceProvider();

        AcceptedResponse answer = await provider.GetRequiredService<IRecSysClient>()
            .DeleteItemAsync("i", TestContext.Current.CancellationToken);

        Assert.Equal("p1", answer.Position);
        Assert.Equal(TimeSpan.FromSeconds(10), await time.NextTimerAsync());
    }
}

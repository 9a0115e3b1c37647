using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Endpoints;

namespace RecSys.Server.Tests;

public sealed class ShopTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Fact]
    public async Task The_configured_types_are_listed_in_their_order()
    {
        InteractionTypesResponse types = await _host.GetAsync("/v1/interaction-types", RecSysJsonContext.Wire.InteractionTypesResponse);

        Assert.Equal(InteractionTypes.Default.All.Select(type => type.Name), types.Types.Select(type => type.Name));
        Assert.Equal(types.Types.Select(type => type.Name), types.Types.Select(type => type.Like));
        Assert.Equal("viewed", types.Types[0].Did);
        InteractionTypeEntry rating = Assert.Single(types.Types, type => type.IsRating);
        Assert.Equal(("rating", 4, false), (rating.Name, rating.Weight, rating.ComesBack));
    }

    [Fact]
    public async Task The_users_who_were_active_last_come_newest_first()
    {
        await AppendAsync(View("ann", 1), View("bob", 5), View("cid", 3), View("ann", 9), View("bob", 2));

        Assert.Equal(["ann 9", "bob 5", "cid 3"], await UsersAsync("/v1/users"));
        Assert.Equal(["ann 9", "bob 5"], await UsersAsync("/v1/users?count=2"));
    }

    [Fact]
    public async Task An_erased_user_is_not_listed_until_there_is_a_new_interaction()
    {
        await AppendAsync(View("ann", 1), View("bob", 2));
        await EraseAsync("ann");
        Assert.Equal(["bob 2"], await UsersAsync("/v1/users"));

        await AppendAsync(View("ann", 7));

        Assert.Equal(["ann 7", "bob 2"], await UsersAsync("/v1/users"));

        async Task EraseAsync(string user)
        {
            using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Delete, $"/v1/users/{user}");
            await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.ErasureResponse, 202);
        }
    }

    [Fact]
    public async Task A_user_who_was_merged_into_another_is_not_listed()
    {
        await AppendAsync(View("visitor", 1), View("ann", 2));
        using HttpResponseMessage merged = await _host.SendAsync(HttpMethod.Post, "/v1/users/ann:merge", """{"from":"visitor"}""");
        Assert.Equal(202, (int)merged.StatusCode);

        Assert.Equal(["ann 2"], await UsersAsync("/v1/users"));
    }

    [Fact]
    public async Task Only_the_newest_records_are_read()
    {
        await AppendAsync(View("early", 1));
        await AppendAsync([.. Enumerable.Range(0, ShopEndpoints.RecordsMax).Select(at => View($"u{at % 7}", 10 + at))]);

        Assert.DoesNotContain("early 1", await UsersAsync("/v1/users?count=100"));
    }

    [Theory]
    [InlineData(null, 401)]
    [InlineData("write", 403)]
    [InlineData("read", 200)]
    public async Task Where_keys_are_set_users_are_named_to_those_who_may_read_only(string? role, int status)
    {
        ApiKeyOptions key = new() { Key = "key-0123456789abcdef" };
        key.Roles.Add(role ?? "admin");
        await using ServerHost host = await ServerHost.StartAsync(options => options.ApiKeys.Add(key));
        if (role is not null)
        {
            host.Http.DefaultRequestHeaders.Add("X-Api-Key", key.Key);
        }

        using HttpResponseMessage users = await host.SendAsync(HttpMethod.Get, "/v1/users");
        using HttpResponseMessage types = await host.SendAsync(HttpMethod.Get, "/v1/interaction-types");

        Assert.Equal((status, status), ((int)users.StatusCode, (int)types.StatusCode));
    }

    private static LogRecord.Interaction View(string user, long timestampMs) => new(new UserId(user), new ItemId("i"), "view", timestampMs);

    private async Task AppendAsync(params LogRecord[] records) => await _host.Log.AppendAsync(records, Cancel);

    private async Task<string[]> UsersAsync(string target)
    {
        RecentUsersResponse recent = await _host.GetAsync(target, RecSysJsonContext.Wire.RecentUsersResponse);
        return [.. recent.Users.Select(user => $"{user.UserId} {user.LastInteractionAt.ToUnixTimeMilliseconds()}")];
    }
}

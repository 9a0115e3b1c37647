using System.Net;
using System.Text.Json;
using RecSys.Client;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;

namespace RecSys.Server.Tests;

public sealed class UserTests : IAsyncLifetime
{
    private ServerHost _host = null!;

    public static TheoryData<string, string, string> BadUsers => new()
    {
        { """{"labels":3}""", "labels", "object" },
        { """{"labels":{"a":{"b":1}}}""", "labels.a", "array of texts" },
        { """{"labels":{"a":[1]}}""", "labels.a[0]", "text" },
        { """{"labels":{"a":[""]}}""", "labels.a[0]", "not empty" },
        { """{"labels":{"a":1e999}}""", "labels.a", "finite" },
        { """{"labels":{"":1}}""", "labels", "empty" },
        { """{"labels":{"a":1,"a":2}}""", "labels.a", "more than once" },
        { $$$"""{"labels":{"a":"{{{new string('x', 8193)}}}"}}""", "labels.a", "at most 8192" },
        { "{\"labels\":{" + string.Join(',', Enumerable.Range(0, 257).Select(index => $"\"l{index}\":1")) + "}}", "labels", "more than 256" },
        { """{"consent":"yes"}""", "consent", "true or false" },
        { """{"labels":{"a":"\ud800"}}""", "labels.a", "valid Unicode" },
        { """{"labels":{"a":["x","\udc00"]}}""", "labels.a[1]", "valid Unicode" },
        { """{"labels":{"\ud800":1}}""", "labels", "not valid Unicode" },
        { """{"\ud800labels":{}}""", "", "not valid Unicode" },
        { """{"labels":{"a":"ESCAPED"}}""".Replace("ESCAPED", string.Concat(Enumerable.Repeat("\\u0001", 1_400)), StringComparison.Ordinal), "labels.a", "at most 8192" },
        {
            "{\"labels\":{" + string.Join(',', Enumerable.Range(0, 128).Select(index => $"\"l{index:D3}\":\"{new string('x', 8_157)}\"")) + "}}",
            "labels", "at most 65536"
        },
        { """{"userId":"u"}""", "userId", "not a known field" },
        { "[]", "", "object" },
        {
            "{\"labels\":{" + string.Join(',', Enumerable.Range(0, 200).Select(index => $"\"l{index}\":\"{new string('x', 8000)}\"")) + "}}",
            "labels", "at most 65536"
        },
    };

    public async ValueTask InitializeAsync() => _host = await ServerHost.StartAsync();

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    [Theory]
    [MemberData(nameof(BadUsers))]
    public async Task An_invalid_profile_is_refused_by_field_and_limit(string body, string field, string message)
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Put, "/v1/users/u", body);

        await ServerHost.RequireRefusedAsync(response, field, message);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task A_profile_is_set_changed_and_read()
    {
        using HttpResponseMessage put = await _host.SendAsync(
            HttpMethod.Put, "/v1/users/u", """{"labels":{"city":"Porto","tags":["a","b"],"age":41,"vip":true,"none":null},"consent":true}""");
        using HttpResponseMessage patch = await _host.SendAsync(HttpMethod.Patch, "/v1/users/u", """{"labels":{"city":null,"age":42}}""");
        AcceptedResponse accepted = await ServerHost.ReadAsync(patch, RecSysJsonContext.Wire.AcceptedResponse, 202);

        UserResponse user = await _host.GetAsync($"/v1/users/u?after={accepted.Position}", RecSysJsonContext.Wire.UserResponse);

        Assert.Equal("u", user.UserId);
        Assert.True(user.Consent);
        Assert.True(user.Reflected);
        Assert.Equal(["age", "tags", "vip"], user.Labels!.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(42, user.Labels["age"].GetInt32());
        Assert.Equal(["a", "b"], user.Labels["tags"].EnumerateArray().Select(tag => tag.GetString()));
    }

    [Fact]
    public async Task Consent_that_a_write_omits_is_kept()
    {
        string[] writes =
        [
            """PUT /v1/users/u {"labels":{"age":1}}""",
            """PUT /v1/users/u {}""",
            """PUT /v1/users/u {"consent":null}""",
            """PATCH /v1/users/u {"labels":{"age":2}}""",
            """PATCH /v1/users/u {"labels":{"age":null}}""",
            """POST /v1/users:batch [{"userId":"u","labels":{"age":3}},{"userId":"u"}]""",
            """POST /v1/users/u:merge {"from":"guest"}""",
            """POST /v1/interactions {"userId":"u","itemId":"i","type":"view"}""",
        ];
        using HttpResponseMessage refused = await _host.SendAsync(HttpMethod.Put, "/v1/users/u", """{"consent":false}""");
        using HttpResponseMessage guest = await _host.SendAsync(HttpMethod.Put, "/v1/users/guest", """{"consent":true}""");
        foreach (string write in writes)
        {
            string[] parts = write.Split(' ', 3);
            using HttpResponseMessage written = await _host.SendAsync(new HttpMethod(parts[0]), parts[1], parts[2]);
            Assert.True(written.StatusCode == HttpStatusCode.Accepted, write);

            UserResponse user = await _host.GetAsync("/v1/users/u", RecSysJsonContext.Wire.UserResponse);
            Assert.True(user.Consent is false, write);
        }
    }

    [Fact]
    public async Task Labels_that_accumulate_over_several_changes_are_refused_at_the_limit_and_never_dropped()
    {
        for (int part = 0; part < 4; part++)
        {
            string labels = string.Join(',', Enumerable.Range(64 * part, 64).Select(index => $"\"l{index}\":1"));
            using HttpResponseMessage patch = await _host.SendAsync(HttpMethod.Patch, "/v1/users/u", $$$"""{"labels":{{{{labels}}}}}""");
            Assert.Equal(HttpStatusCode.Accepted, patch.StatusCode);
        }

        using HttpResponseMessage more = await _host.SendAsync(HttpMethod.Patch, "/v1/users/u", """{"labels":{"one":1,"two":2,"l0":null}}""");
        using HttpResponseMessage swap = await _host.SendAsync(HttpMethod.Patch, "/v1/users/u", """{"labels":{"one":1,"l0":null,"l1":2}}""");

        await ServerHost.RequireRefusedAsync(more, "labels", "257 entries", "at most 256");
        Assert.Equal(HttpStatusCode.Accepted, swap.StatusCode);
        UserResponse user = await _host.GetAsync("/v1/users/u", RecSysJsonContext.Wire.UserResponse);
        Assert.Equal(256, user.Labels!.Count);
        Assert.Equal(1, user.Labels["one"].GetInt32());
    }

    [Fact]
    public async Task A_batch_whose_labels_are_too_large_with_those_that_are_kept_is_refused_and_none_is_dropped()
    {
        // Nine labels of 7,000 bytes are below 64 KiB, ten are above.
        string large = new('x', 6_998);
        string nine = string.Join(',', Enumerable.Range(0, 9).Select(index => $"\"l{index}\":\"{large}\""));
        using HttpResponseMessage first = await _host.SendAsync(HttpMethod.Patch, "/v1/users:batch", $$$"""[{"userId":"u","labels":{{{{nine}}}}}]""");
        Assert.Equal(HttpStatusCode.Accepted, first.StatusCode);

        using HttpResponseMessage tenth = await _host.SendAsync(HttpMethod.Patch, "/v1/users:batch", $$$"""[{"userId":"v","labels":{"a":1}},{"userId":"u","labels":{"l9":"{{{large}}}"}}]""");
        using HttpResponseMessage swap = await _host.SendAsync(HttpMethod.Patch, "/v1/users:batch", $$$"""[{"userId":"u","labels":{"l0":null}},{"userId":"u","labels":{"l9":"{{{large}}}"}}]""");

        await ServerHost.RequireRefusedAsync(tenth, "[1].labels", "including those that are kept; at most 65536");
        Assert.Equal(HttpStatusCode.Accepted, swap.StatusCode);
        UserResponse user = await _host.GetAsync("/v1/users/u", RecSysJsonContext.Wire.UserResponse);
        Assert.Equal(Enumerable.Range(1, 9).Select(index => $"l{index}"), user.Labels!.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_batch_of_labels_is_checked_against_the_newest_ones()
    {
        _host.Profiles.IsBehind = true;

        using HttpResponseMessage labels = await _host.SendAsync(HttpMethod.Patch, "/v1/users:batch", """[{"userId":"u","labels":{"a":1}}]""");

        Assert.Contains("no data was changed", (await ServerHost.ProblemAsync(labels, 503)).Detail, StringComparison.Ordinal);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task Only_a_change_of_labels_waits_until_the_newest_labels_are_known()
    {
        _host.Profiles.IsBehind = true;

        using HttpResponseMessage labels = await _host.SendAsync(HttpMethod.Patch, "/v1/users/u", """{"labels":{"a":1}}""");
        using HttpResponseMessage consent = await _host.SendAsync(HttpMethod.Patch, "/v1/users/u", """{"consent":false,"labels":{"a":null}}""");

        Assert.Contains("no data was changed", (await ServerHost.ProblemAsync(labels, 503)).Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, consent.StatusCode);
        Assert.Single(await _host.RecordsAsync());
    }

    [Fact]
    public async Task An_unknown_user_is_404_and_has_an_empty_history()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/users/nobody");
        HistoryResponse history = await _host.GetAsync("/v1/users/nobody/interactions", RecSysJsonContext.Wire.HistoryResponse);

        await ServerHost.ProblemAsync(response, 404);
        Assert.Empty(history.Items);
        Assert.Null(history.Reflected);
    }

    [Fact]
    public async Task Many_users_are_set_at_once_or_none()
    {
        using HttpResponseMessage good = await _host.SendAsync(
            HttpMethod.Post, "/v1/users:batch", """[{"userId":"a","labels":{"x":1}},{"userId":"b","consent":false}]""");
        using HttpResponseMessage bad = await _host.SendAsync(
            HttpMethod.Post, "/v1/users:batch", """[{"userId":"c"},{"consent":false}]""");
        using HttpResponseMessage single = await _host.SendAsync(HttpMethod.Post, "/v1/users:batch", """{"userId":"c"}""");

        Assert.Equal(2, (await ServerHost.ReadAsync(good, RecSysJsonContext.Wire.AcceptedResponse, 202)).Accepted);
        await ServerHost.RequireRefusedAsync(bad, "[1].userId");
        await ServerHost.ProblemAsync(single, 400);
        Assert.Equal(2, (await _host.RecordsAsync()).Count);
    }

    [Fact]
    public async Task A_history_is_listed_newest_first_with_titles()
    {
        using HttpResponseMessage item = await _host.SendAsync(HttpMethod.Put, "/v1/items/i1", """{"title":"One"}""");
        AcceptedResponse set = await ServerHost.ReadAsync(item, RecSysJsonContext.Wire.AcceptedResponse, 202);
        await _host.GetAsync($"/v1/items/i1?after={set.Position}", RecSysJsonContext.Wire.ItemResponse);
        using HttpResponseMessage response = await _host.RecordAsync("""
            [{"userId":"u","itemId":"i1","type":"view","timestamp":"2026-11-24T10:00:00Z"},
             {"userId":"u","itemId":"i2","type":"rating","value":3,"id":"e2","timestamp":"2026-11-24T11:00:00Z"},
             {"userId":"u","itemId":"i3","type":"view","timestamp":"2026-11-24T09:00:00Z"}]
            """);
        AcceptedResponse accepted = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.AcceptedResponse, 202);

        HistoryResponse history = await _host.GetAsync(
            $"/v1/users/u/interactions?count=2&after={accepted.Position}", RecSysJsonContext.Wire.HistoryResponse);

        Assert.Equal(["i2", "i1"], history.Items.Select(entry => entry.ItemId));
        Assert.Equal("e2", history.Items[0].Id);
        Assert.Equal(3, history.Items[0].Value);
        Assert.Equal(new DateTimeOffset(2026, 11, 24, 11, 0, 0, TimeSpan.Zero), history.Items[0].Timestamp);
        Assert.Equal("One", history.Items[1].Title);
        Assert.Equal(accepted.Position, history.Position);
        Assert.True(history.Reflected);
    }

    [Fact]
    public async Task A_merge_links_another_user_and_never_the_user_itself()
    {
        using HttpResponseMessage merged = await _host.SendAsync(HttpMethod.Post, "/v1/users/u:merge", """{"from":"guest"}""");
        using HttpResponseMessage self = await _host.SendAsync(HttpMethod.Post, "/v1/users/u:merge", """{"from":"u"}""");
        using HttpResponseMessage none = await _host.SendAsync(HttpMethod.Post, "/v1/users/u:merge", "{}");

        await ServerHost.ReadAsync(merged, RecSysJsonContext.Wire.AcceptedResponse, 202);
        await ServerHost.RequireRefusedAsync(self, "from");
        await ServerHost.RequireRefusedAsync(none, "from");
        LogRecord.UsersMerged record = Assert.IsType<LogRecord.UsersMerged>(Assert.Single(await _host.RecordsAsync()));
        Assert.Equal(_host.Hash.Of(new UserId("guest")), record.FromOwner);
    }

    [Fact]
    public async Task No_more_than_sixteen_users_can_be_merged_into_one()
    {
        for (int index = 0; index < Limits.AliasesMax; index++)
        {
            using HttpResponseMessage merged = await _host.SendAsync(HttpMethod.Post, "/v1/users/u:merge", $$"""{"from":"guest{{index}}"}""");
            Assert.Equal(HttpStatusCode.Accepted, merged.StatusCode);
        }

        using HttpResponseMessage more = await _host.SendAsync(HttpMethod.Post, "/v1/users/u:merge", """{"from":"guest16"}""");
        using HttpResponseMessage again = await _host.SendAsync(HttpMethod.Post, "/v1/users/u:merge", """{"from":"guest3"}""");

        Assert.Contains("at most 16", (await ServerHost.ProblemAsync(more, 409)).Detail, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Fact]
    public async Task Rows_of_a_batch_change_the_labels_that_they_name()
    {
        using HttpResponseMessage put = await _host.SendAsync(HttpMethod.Put, "/v1/users/u", """{"labels":{"a":1,"b":2},"consent":false}""");
        using HttpResponseMessage patched = await _host.SendAsync(HttpMethod.Patch, "/v1/users:batch", """[{"userId":"u","labels":{"b":null,"c":3}},{"userId":"v","labels":{"a":1}}]""");

        Assert.Equal(HttpStatusCode.Accepted, patched.StatusCode);
        LogRecord.UserChanged change = (await _host.RecordsAsync()).OfType<LogRecord.UserChanged>().First(record => record.IsPatch);
        Assert.Equal(["b", "c"], change.Labels.Keys);
        Assert.Null(change.Consent);
    }

    [Fact]
    public async Task Rows_of_a_batch_merge_no_more_users_than_merge_does()
    {
        string sixteen = string.Join(',', Enumerable.Range(0, Limits.AliasesMax).Select(index => $"\"guest{index}\""));
        using HttpResponseMessage merged = await _host.SendAsync(HttpMethod.Post, "/v1/users:batch", $$"""[{"userId":"u","mergedFrom":[{{sixteen}}]}]""");
        Assert.Equal(HttpStatusCode.Accepted, merged.StatusCode);
        int stored = (await _host.RecordsAsync()).Count;

        using HttpResponseMessage more = await _host.SendAsync(HttpMethod.Post, "/v1/users:batch", """[{"userId":"v"},{"userId":"u","mergedFrom":["guest16"]}]""");
        using HttpResponseMessage chain = await _host.SendAsync(
            HttpMethod.Post, "/v1/users:batch", $$"""[{"userId":"b","mergedFrom":[{{sixteen}}]},{"userId":"a","mergedFrom":["b"]}]""");
        using HttpResponseMessage storedChain = await _host.SendAsync(HttpMethod.Post, "/v1/users:batch", """[{"userId":"a","mergedFrom":["u"]}]""");

        await ServerHost.RequireRefusedAsync(more, "[1].mergedFrom");
        await ServerHost.RequireRefusedAsync(chain, "[1].mergedFrom", "17 merged users");
        await ServerHost.RequireRefusedAsync(storedChain, "[0].mergedFrom");
        Assert.Equal(stored, (await _host.RecordsAsync()).Count);
        using HttpResponseMessage again = await _host.SendAsync(HttpMethod.Post, "/v1/users:batch", """[{"userId":"u","mergedFrom":["guest3"]}]""");
        Assert.Equal(HttpStatusCode.Accepted, again.StatusCode);
    }

    [Fact]
    public async Task An_erasure_record_has_the_owners_and_the_end_of_every_partition_but_no_id()
    {
        await using ServerHost host = await ServerHost.StartAsync(partitionCount: 4);
        using HttpResponseMessage merged = await host.SendAsync(HttpMethod.Post, "/v1/users/ann:merge", """{"from":"guest"}""");
        using HttpResponseMessage recorded = await host.RecordAsync("""{"userId":"ann","itemId":"i","type":"view"}""");
        LogRange[] before = await host.Log.GetRangesAsync(TestContext.Current.CancellationToken);

        using HttpResponseMessage response = await host.SendAsync(HttpMethod.Delete, "/v1/users/ann");

        ErasureResponse erasure = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.ErasureResponse, 202);
        LogRecord.PersonErased[] records = [.. (await host.RecordsAsync()).OfType<LogRecord.PersonErased>().DistinctBy(record => record.Owner)];
        Assert.Equal([host.Hash.Of(new UserId("guest")), host.Hash.Of(new UserId("ann"))], records.Select(record => record.Owner));
        Assert.All(records, record => Assert.Equal(new LogPosition(0, [.. before.Select(range => range.End - 1)]), record.UpTo));
        Assert.DoesNotContain("ann", erasure.Receipt, StringComparison.Ordinal);
        Assert.True(LogPosition.TryParse(erasure.Position, out LogPosition? position));

        using HttpResponseMessage progress = await host.SendAsync(HttpMethod.Get, $"/v1/erasures/{erasure.Receipt}");
        using JsonDocument reported = JsonDocument.Parse(await progress.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        Assert.Equal("running", reported.RootElement.GetProperty("state").GetString());
        Assert.Equal("log", reported.RootElement.GetProperty("places")[0].GetProperty("place").GetString());
        Assert.Equal((host.Hash.Of(new UserId("ann")), new RecordPosition(0, 0, position[0])), host.Receipts.Asked);
    }

    [Fact]
    public async Task A_receipt_of_an_erasure_that_may_have_left_bytes_is_incomplete_with_the_reason()
    {
        _host.Receipts.Problem = "bytes of the person may be left in the log's file";
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Delete, "/v1/users/ann");
        ErasureResponse erasure = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.ErasureResponse, 202);

        ErasureStatusResponse status = await _host.GetAsync($"/v1/erasures/{erasure.Receipt}", RecSysJsonContext.Wire.ErasureStatusResponse);

        Assert.Equal(("incomplete", _host.Receipts.Problem), (status.State, status.Problem));
    }

    [Fact]
    public async Task A_receipt_says_what_remains_in_files_of_other_programs()
    {
        _host.Receipts.Remains = ["for a day in a database"];
        _host.Receipts.WaitsFor = ["akka.tcp://recsys@10.0.0.8:4053"];
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Delete, "/v1/users/ann");
        ErasureResponse erasure = await ServerHost.ReadAsync(response, RecSysJsonContext.Wire.ErasureResponse, 202);

        ErasureStatusResponse status = await _host.GetAsync($"/v1/erasures/{erasure.Receipt}", RecSysJsonContext.Wire.ErasureStatusResponse);

        Assert.Equal(_host.Receipts.Remains, status.Remains);
        Assert.Equal(_host.Receipts.WaitsFor, status.WaitsFor);
    }

    [Fact]
    public async Task An_erasure_waits_until_all_aliases_are_known()
    {
        _host.Profiles.IsBehind = true;

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Delete, "/v1/users/ann");

        Assert.Contains("no data was erased", (await ServerHost.ProblemAsync(response, 503)).Detail, StringComparison.Ordinal);
        Assert.Empty(await _host.RecordsAsync());
    }

    [Fact]
    public async Task An_erasure_and_an_export_reach_the_users_of_a_chain_whom_reads_do_not_follow()
    {
        const int Merges = Limits.AliasesMax + 4;
        for (int index = 0; index < Merges; index++)
        {
            using HttpResponseMessage merged = await _host.SendAsync(HttpMethod.Post, $"/v1/users/guest{index}:merge", $$"""{"from":"guest{{index + 1}}"}""");
            Assert.Equal(HttpStatusCode.Accepted, merged.StatusCode);
        }

        using HttpResponseMessage recorded = await _host.RecordAsync($$"""{"userId":"guest{{Merges}}","itemId":"i","type":"view"}""");
        UserResponse cut = await _host.GetAsync("/v1/users/guest0", RecSysJsonContext.Wire.UserResponse);
        HistoryResponse cutHistory = await _host.GetAsync("/v1/users/guest0/interactions", RecSysJsonContext.Wire.HistoryResponse);
        UserResponse whole = await _host.GetAsync("/v1/users/guest9", RecSysJsonContext.Wire.UserResponse);
        using HttpResponseMessage export = await _host.SendAsync(HttpMethod.Get, "/v1/users/guest0/export");
        using HttpResponseMessage erased = await _host.SendAsync(HttpMethod.Delete, "/v1/users/guest0");

        Assert.Equal((true, true, null), (cut.MergedUsersLeftOut, cutHistory.MergedUsersLeftOut, whole.MergedUsersLeftOut));
        Assert.Equal((0, 1), (cut.InteractionsHeld, whole.InteractionsHeld));
        Assert.Contains($"\"userId\":\"guest{Merges}\"", await export.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Accepted, erased.StatusCode);
        Assert.Equal(
            Enumerable.Range(0, Merges + 1).Select(index => _host.Hash.Of(new UserId($"guest{index}"))).Reverse(),
            (await _host.RecordsAsync()).OfType<LogRecord.PersonErased>().Select(record => record.Owner).Distinct());
    }

    [Theory]
    [InlineData(Limits.MergedMax, 202, 200)]
    [InlineData(Limits.MergedMax + 1, 409, 409)]
    public async Task A_person_into_whom_more_users_are_merged_than_an_erasure_reaches_is_refused_with_the_limit(int merges, int erasing, int exporting)
    {
        await _host.Log.AppendAsync(
            [.. Enumerable.Range(0, merges).Select(index => new LogRecord.UsersMerged(
                new($"guest{index}"), new($"guest{index + 1}"), _host.Hash.Of(new UserId($"guest{index + 1}")), 1))],
            TestContext.Current.CancellationToken);

        using HttpResponseMessage export = await _host.SendAsync(HttpMethod.Get, "/v1/users/guest0/export");
        using HttpResponseMessage erased = await _host.SendAsync(HttpMethod.Delete, "/v1/users/guest0");

        Assert.Equal((erasing, exporting), ((int)erased.StatusCode, (int)export.StatusCode));
        if (erasing == 409)
        {
            Assert.Contains("more than 256 users are merged into 'guest0'", (await ServerHost.ProblemAsync(erased, 409)).Detail, StringComparison.Ordinal);
            Assert.Empty((await _host.RecordsAsync()).OfType<LogRecord.PersonErased>());
        }
    }

    [Fact]
    public async Task An_invalid_receipt_is_404()
    {
        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/erasures/nonsense");

        await ServerHost.ProblemAsync(response, 404);
    }

    [Fact]
    public async Task An_export_has_all_data_of_one_person_and_none_of_another()
    {
        using HttpResponseMessage put = await _host.SendAsync(HttpMethod.Put, "/v1/users/ann", """{"labels":{"city":"Porto"},"consent":true}""");
        using HttpResponseMessage merged = await _host.SendAsync(HttpMethod.Post, "/v1/users/ann:merge", """{"from":"guest"}""");
        using HttpResponseMessage recorded = await _host.RecordAsync("""
            [{"userId":"ann","itemId":"i","type":"view","value":2,"context":{"device":"phone","sessionFeatures":{"a":1}}},
             {"userId":"guest","itemId":"i2","type":"view"},{"userId":"bob","itemId":"i3","type":"view"}]
            """);
        using HttpResponseMessage retracted = await _host.SendAsync(HttpMethod.Delete, "/v1/users/ann/interactions/e1");
        _host.Impressions.TryAppend(new SlateImpression(
            "r1", _host.Hash.Of(new UserId("ann")), 1_000, "m1", [new ImpressionItem(new ItemId("i"), 0.5f, 1f)]));
        _host.Impressions.TryAppend(new SlateImpression("r2", _host.Hash.Of(new UserId("bob")), 1_000, "m1", []));

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/users/ann/export");

        Assert.Equal("application/x-ndjson", response.Content.Headers.ContentType?.MediaType);
        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        JsonElement[] lines = [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))];
        Assert.Equal(
            ["userChanged", "usersMerged", "interaction", "interaction", "interactionRetracted", "profile", "impression", "end"],
            lines.Select(line => line.GetProperty("kind").GetString()));
        Assert.Equal("guest", lines[5].GetProperty("mergedFrom")[0].GetString());
        Assert.Equal("phone", lines[2].GetProperty("context").GetProperty("device").GetString());
        Assert.Equal("guest", lines[3].GetProperty("userId").GetString());
        Assert.Equal("r1", lines[6].GetProperty("recommendationId").GetString());
        Assert.Equal(5, lines[7].GetProperty("records").GetInt32());
        Assert.DoesNotContain("bob", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_has_nothing_of_an_erased_person_of_the_same_id_whose_records_the_log_still_has()
    {
        using HttpResponseMessage before = await _host.RecordAsync("""[{"userId":"ann","itemId":"before","type":"view"}]""");
        using HttpResponseMessage erased = await _host.SendAsync(HttpMethod.Delete, "/v1/users/ann");
        using HttpResponseMessage after = await _host.RecordAsync("""[{"userId":"ann","itemId":"after","type":"view"}]""");

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/users/ann/export");

        string text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\"after\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"before\"", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_profile_that_cannot_be_read_is_503()
    {
        _host.Profiles.Fault = new StoreUnavailableException("the user's actor does not answer");

        using HttpResponseMessage response = await _host.SendAsync(HttpMethod.Get, "/v1/users/u");

        await ServerHost.ProblemAsync(response, 503);
    }
}

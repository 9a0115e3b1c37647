using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Xunit;

namespace RecSys.Client.Tests;

public sealed class RecSysJsonContextTests
{
    private static readonly RecSysJsonContext Json = RecSysJsonContext.Wire;

    [Fact]
    public void An_interaction_is_written_in_camel_case_without_absent_members()
    {
        InteractionBody body = new()
        {
            UserId = "ana",
            ItemId = "a/b \"é\" 🎈",
            Type = "addToCart",
            Timestamp = new DateTimeOffset(2026, 1, 31, 23, 59, 59, TimeSpan.Zero),
            Context = new ContextBody { Device = "phone", SessionFeatures = new() { ["pagesSeen"] = 3 } },
        };

        Assert.Equal(
            """
            {"userId":"ana","itemId":"a/b \"é\" \uD83C\uDF88","type":"addToCart","timestamp":"2026-01-31T23:59:59Z",
            """
            + """
            "context":{"device":"phone","sessionFeatures":{"pagesSeen":3}}}
            """,
            JsonSerializer.Serialize(body, Json.InteractionBody));
    }

    [Fact]
    public void Written_bodies_are_read_back_unchanged()
    {
        InteractionBody body = new()
        {
            UserId = "ana",
            ItemId = "🎈",
            Type = "rating",
            Value = 4.5,
            Timestamp = new DateTimeOffset(2026, 1, 31, 23, 59, 59, 123, TimeSpan.FromHours(-3)),
            RecommendationId = "r",
            Id = "i",
        };

        string text = JsonSerializer.Serialize(body, Json.InteractionBody);

        Assert.Equal(body, JsonSerializer.Deserialize(text, Json.InteractionBody));
    }

    [Theory]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","usrId":"x"}""", "usrId")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","context":{"divice":"x"}}""", "divice")]
    [InlineData("""{"userId":"u","type":"view"}""", "itemId")]
    [InlineData("""{"userId":null,"itemId":"i","type":"view"}""", "userId")]
    [InlineData("""{"userId":"u","userId":"v","itemId":"i","type":"view"}""", "userId")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","value":"3"}""", "value")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","value":NaN}""", "value")]
    [InlineData("""{"UserId":"u","itemId":"i","type":"view"}""", "UserId")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","timestamp":"2026-01-31T10:00:00"}""", "timestamp")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","timestamp":"2026-01-31"}""", "timestamp")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","timestamp":1769817600}""", "timestamp")]
    [InlineData("""{"userId":"u","itemId":"i","type":"view","timestamp":null,"context":{"time":"now"}}""", "time")]
    public void An_invalid_interaction_is_refused_by_the_name_of_its_field(string text, string field)
    {
        JsonException error =
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(text, Json.InteractionBody));

        Assert.Contains(field, error.Message + error.Path, StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_row_is_refused_by_its_index()
    {
        const string Text = """[{"userId":"u","itemId":"i","type":"view"},{"userId":"u","itemId":7,"type":"view"}]""";

        JsonException error =
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(Text, Json.InteractionBodyArray));

        Assert.Equal("$[1].itemId", error.Path);
    }

    [Theory]
    [InlineData("2026-01-31T23:59:59Z", "2026-01-31T23:59:59+00:00")]
    [InlineData("2026-01-31T23:59:59.123456+05:30", "2026-01-31T18:29:59.123456+00:00")]
    public void A_time_with_an_offset_is_read_as_that_instant(string text, string moment)
    {
        string body = $$"""{"userId":"u","itemId":"i","type":"view","timestamp":"{{text}}"}""";

        Assert.Equal(
            DateTimeOffset.Parse(moment, System.Globalization.CultureInfo.InvariantCulture),
            JsonSerializer.Deserialize(body, Json.InteractionBody)!.Timestamp);
    }

    [Fact]
    public void Unknown_members_of_a_newer_servers_answer_are_ignored()
    {
        AcceptedResponse answer = JsonSerializer.Deserialize(
            """{"accepted":2,"position":"p","new":{"a":[1]}}""", Json.AcceptedResponse)!;

        Assert.Equal(new AcceptedResponse { Accepted = 2, Position = "p" }, answer);
    }

    [Fact]
    public void A_null_label_is_distinguished_from_an_absent_one()
    {
        ItemBody body = JsonSerializer.Deserialize("""{"labels":{"price":null,"colour":"red"}}""", Json.ItemBody)!;

        Assert.Equal(JsonValueKind.Null, body.Labels!["price"].ValueKind);
        Assert.Equal("""{"labels":{"price":null,"colour":"red"}}""", JsonSerializer.Serialize(body, Json.ItemBody));
    }

    [Fact]
    public void A_row_is_an_item_with_its_id()
    {
        ItemRow row = JsonSerializer.Deserialize(
            """{"itemId":"i","title":"T","categories":["a","b"],"hidden":true}""", Json.ItemRow)!;

        Assert.Equal(("i", "T", true), (row.ItemId, row.Title, row.Hidden));
        Assert.Equal(["a", "b"], row.Categories!);
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"itemId":"i","x":1}""", Json.ItemRow));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"userId":"u","x":1}""", Json.UserRow));
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize("""{"x":1}""", Json.UserBody));
    }

    [Fact]
    public void Every_request_body_refuses_unknown_members_and_no_answer_does()
    {
        Type[] bodies =
        [
            .. typeof(RecSysJsonContext).Assembly.GetExportedTypes()
                .Where(type => type is { IsAbstract: false, IsClass: true } && Json.GetTypeInfo(type) is not null),
        ];

        Assert.NotEmpty(bodies);
        Assert.All(bodies, type =>
        {
            JsonTypeInfo info = Json.GetTypeInfo(type)!;
            bool isAnswer = type.Name.EndsWith("Response", StringComparison.Ordinal)
                || type.Name.EndsWith("Page", StringComparison.Ordinal)
                || type == typeof(ProblemBody);
            bool isRequest = type.Name.EndsWith("Row", StringComparison.Ordinal)
                || type.Name.EndsWith("Request", StringComparison.Ordinal)
                || (type.Name.EndsWith("Body", StringComparison.Ordinal) && !isAnswer);

            Assert.False(isAnswer && info.UnmappedMemberHandling is not null, type.Name);
            Assert.False(isRequest && info.UnmappedMemberHandling is null, type.Name);
        });
    }

    [Fact]
    public void NaN_and_infinities_are_written_as_numbers_and_refused_when_read()
    {
        ClusterPartition lag = new() { Partition = 0, Users = 0, End = 0, LagMs = double.NaN };

        Assert.Contains("\"lagMs\":0", JsonSerializer.Serialize(lag, RecSysJsonContext.Wire.ClusterPartition), StringComparison.Ordinal);
        Assert.Contains(
            "\"lagMs\":1.7976931348623157E+308",
            JsonSerializer.Serialize(lag with { LagMs = double.PositiveInfinity }, RecSysJsonContext.Wire.ClusterPartition),
            StringComparison.Ordinal);
        Assert.DoesNotContain("lagMs", JsonSerializer.Serialize(lag with { LagMs = null }, RecSysJsonContext.Wire.ClusterPartition), StringComparison.Ordinal);
        foreach (string number in new[] { "1e999", "-1e999", "\"NaN\"", "NaN" })
        {
            Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(
                $$"""{"partition":0,"users":0,"end":0,"lagMs":{{number}}}""", RecSysJsonContext.Wire.ClusterPartition));
        }
    }
}

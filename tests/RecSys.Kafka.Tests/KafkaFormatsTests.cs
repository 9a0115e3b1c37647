using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using RecSys.Core;
using Xunit;

namespace RecSys.Kafka.Tests;

public sealed class KafkaFormatsTests
{
    [Fact]
    public void The_layout_of_a_message_does_not_change()
    {
        byte[] value = KafkaRecord.Frame([1, 0]);

        Assert.Equal("C07672CE" + "0100", Convert.ToHexString(value));
        Assert.True(KafkaRecord.TryOpen(value, out ReadOnlyMemory<byte> record));
        Assert.Equal("0100", Convert.ToHexString(record.Span));
    }

    [Theory]
    [InlineData("C07672CE0101")]
    [InlineData("C07672CE")]
    [InlineData("")]
    [InlineData("7B7D")]
    public void Bytes_without_the_checksum_of_a_record_are_not_opened(string hex) => Assert.False(KafkaRecord.TryOpen(Convert.FromHexString(hex), out _));

    [Fact]
    public void The_file_of_an_identity_does_not_change()
    {
        KafkaLogIdentity identity = new("recsys-log", "Xt1pTkLQTDOsDaO1g7UdqA", 8, 1, new OwnerHash(new byte[OwnerHash.KeySizeBytes]).Installation);
        const string Golden = """
            {
              "version": 1,
              "topic": "recsys-log",
              "topicId": "Xt1pTkLQTDOsDaO1g7UdqA",
              "partitions": 8,
              "recordFormat": 1,
              "installation": "INSTALLATION"
            }
            """;
        string json = Golden.Replace("INSTALLATION", identity.Installation.Value, StringComparison.Ordinal);

        Assert.Equal(json.ReplaceLineEndings("\n"), Encoding.UTF8.GetString(identity.Encode()).ReplaceLineEndings("\n"));
        Assert.Equal(identity, KafkaLogIdentity.Decode(Encoding.UTF8.GetBytes(json), "kafka.json"));
    }

    [Fact]
    public void A_damaged_identity_is_refused_and_so_is_a_newer_one()
    {
        Assert.Contains("kafka.json is damaged", Assert.Throws<InvalidDataException>(() => KafkaLogIdentity.Decode("{"u8, "kafka.json")).Message, StringComparison.Ordinal);
        Assert.Contains("kafka.json is damaged", Assert.Throws<InvalidDataException>(() => KafkaLogIdentity.Decode("{\"version\":1}"u8, "kafka.json")).Message, StringComparison.Ordinal);
        Assert.Contains("upgrade", Assert.Throws<NotSupportedException>(() => KafkaLogIdentity.Decode("{\"version\":2}"u8, "kafka.json")).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kafka://one:9092", "one:9092")]
    [InlineData("kafka://one,two:9093/", "one:9092,two:9093")]
    [InlineData("kafka://[::1]:19092", "[::1]:19092")]
    public void An_address_names_brokers(string text, string servers)
    {
        Assert.True(KafkaAddress.TryParse(text, out KafkaAddress? address, out _));
        Assert.Equal(servers, address.Servers);
    }

    [Theory]
    [InlineData("one:9092", "must begin with kafka://")]
    [InlineData("kafka://", "HOST:PORT")]
    [InlineData("kafka://one:99999", "HOST:PORT")]
    [InlineData("kafka://one,,two", "HOST:PORT")]
    [InlineData("kafka://user:secret@one", "must not contain a user")]
    public void Another_text_is_refused_with_the_reason(string text, string reason)
    {
        Assert.False(KafkaAddress.TryParse(text, out _, out string? problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("enable.idempotence", "false", "the log depends on its value")]
    [InlineData("ACKS", "1", "the log depends on its value")]
    [InlineData("sasl.pasword", "hidden-word", "is not an option of librdkafka")]
    [InlineData("security.protocol", "hidden-word", "is not an option of librdkafka, or its value is not allowed")]
    public void An_option_that_cannot_be_set_is_named_without_its_value(string name, string value, string reason)
    {
        KafkaLogOptions options = new() { Options = { [name] = value } };

        ArgumentException refusal = Assert.Throws<ArgumentException>(() => Make(options));

        Assert.Contains($"recsys:kafka:options:{name} ", refusal.Message, StringComparison.Ordinal);
        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Users_and_passwords_are_removed_from_what_is_logged()
    {
        KafkaClients clients = new(
            new KafkaAddress("localhost:1"),
            new KafkaLogOptions { Options = { ["sasl.username"] = "shop-user", ["sasl.password"] = "shop-word", ["client.rack"] = "rack-1" } },
            TimeProvider.System,
            NullLogger.Instance);

        Assert.Equal("… with … in rack-1", clients.WithoutSecrets("shop-user with shop-word\nin rack-1"));
    }

    private static void Make(KafkaLogOptions options) => new KafkaClients(new KafkaAddress("localhost:1"), options, TimeProvider.System, NullLogger.Instance).Admin().Dispose();
}

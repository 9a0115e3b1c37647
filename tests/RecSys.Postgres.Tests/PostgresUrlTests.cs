using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace RecSys.Postgres.Tests;

public sealed class PostgresUrlTests
{
    [Theory]
    [InlineData("postgres://ada@db.example:5433/shop", "postgres://ada@db.example:5433/shop")]
    [InlineData("postgresql://ada@db.example/shop?sslmode=verify-full", "postgres://ada@db.example:5432/shop")]
    [InlineData("postgres://a%40b@[::1]:5433/my%20shop", "postgres://a%40b@[::1]:5433/my%20shop")]
    public void An_address_is_read_and_shown(string text, string shown)
    {
        Assert.True(PostgresUrl.TryParse(text, out PostgresUrl? url, out _));
        Assert.Equal(shown, url.ToString());
    }

    [Theory]
    [InlineData("mysql://ada@db/shop", "must be postgres://USER@HOST:PORT/DATABASE")]
    [InlineData("postgres://", "must be")]
    [InlineData("postgres://db/shop", "names no user")]
    [InlineData("postgres://ada@db", "names no database")]
    [InlineData("postgres://ada@db/a/b", "names no database")]
    [InlineData("postgres://ada@db/shop?sslmode=maybe", "disable, prefer, require, verify-ca, verify-full")]
    [InlineData("postgres://ada@db/shop?timeout=1", "takes one parameter")]
    [InlineData("postgres://ada@db/shop#x", "after '#'")]
    public void What_is_not_an_address_is_refused_with_what_to_write(string text, string problem)
    {
        Assert.False(PostgresUrl.TryParse(text, out _, out string? found));
        Assert.Contains(problem, found, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_in_an_address_is_refused_and_not_repeated()
    {
        Assert.False(PostgresUrl.TryParse("postgres://ada:secret@db/shop", out _, out string? problem));
        Assert.Contains("PGPASSWORD", problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_out_of_its_range_is_refused_by_name()
    {
        ArgumentException refusal = Assert.Throws<ArgumentException>(() => PostgresStore.Create(
            new PostgresOptions { Url = "postgres://ada@db/shop", ConnectTimeout = TimeSpan.Zero, Schema = "a b" }, TimeProvider.System, NullLogger<PostgresStore>.Instance));

        Assert.Contains("ConnectTimeout", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("schema must be", refusal.Message, StringComparison.Ordinal);
    }
}

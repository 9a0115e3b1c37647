using System.Diagnostics;
using Xunit;

namespace RecSys.Cli.Tests.Settings;

/// <summary>An invalid setting ends the start with one line: the setting, its value and the accepted values.</summary>
public sealed class SettingsTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("recsys-settings-");

    public void Dispose() => _data.Delete(recursive: true);

    [Theory]
    [InlineData("6183", "http://127.0.0.1:6183")]
    [InlineData("localhost:6193", "http://localhost:6193")]
    [InlineData("localhost", "such as http://127.0.0.1:5080")]
    [InlineData("http://127.0.0.1:99999", "99999")]
    [InlineData("http://127.0.0.1:many", "not a port")]
    [InlineData("ftp://127.0.0.1:21", "http and https are allowed")]
    [InlineData("http://127.0.0.1:0/shop", "has the path '/shop'")]
    [InlineData("http://127.0.0.1:0;6183", "'6183'")]
    [InlineData("", "--urls is empty")]
    [InlineData(";", "--urls is empty")]
    public async Task An_invalid_address_is_refused_with_the_right_form(string urls, string reported)
    {
        (int exitCode, string output, string error) = await Commands.Cli.RunAsync("serve", "--data", _data.FullName, "--urls", urls);

        Refused(exitCode, output, error, "--urls", reported);
    }

    [Theory]
    [InlineData("""{"recsys":{"serving":{"deadline":"soon"}}}""", "recsys:serving:deadline", "'soon'", "00:00:01.500")]
    [InlineData("""{"recsys":{"serving":{"deadline":"00:01:00"}}}""", "recsys:serving", "00:01:00", "10")]
    [InlineData("""{"recsys":{"batch":{"interval":"00:00:00.5"}}}""", "recsys:batch", "interval is 00:00:00.5", "1 s to 30 days")]
    [InlineData("""{"recsys":{"batch":{"modelsKept":"ten"}}}""", "recsys:batch:modelsKept", "'ten'", "a whole number")]
    [InlineData("""{"recsys":{"server":{"exportsMax":0}}}""", "recsys:server:exportsMax", "'0'", "1 to 64")]
    [InlineData("""{"recsys":{"server":{"exportsMax":[1]}}}""", "recsys:server:exportsMax", "section", "one value")]
    [InlineData("""{"recsys":{"sqlite":{"log":{"readersMax":1000}}}}""", "recsys:sqlite:log:readersMax", "'1000'", "1 to 256")]
    [InlineData("""{"recsys":{"jobResults":{"keptFor":"00:00:01"}}}""", "recsys:jobResults:keptFor", "'00:00:01'", "00:01:00 to 7.00:00:00")]
    [InlineData("""{"recsys":{"serving":{"weights":{"afinity":1}}}}""", "recsys:serving:weights:afinity", "is unknown", "did you mean recsys:serving:weights:affinity?")]
    [InlineData("""{"recsys":{"serving":{"colour":"red"}}}""", "recsys:serving:colour", "is unknown", "recsys:serving has deadline")]
    [InlineData("""{"recsys":{"servng":{"deadline":"00:00:00.1"}}}""", "recsys:servng", "is unknown", "did you mean recsys:serving?")]
    [InlineData("""{"recsys":{"sqlite":{"logs":{"readersMax":1}}}}""", "recsys:sqlite:logs", "is unknown", "did you mean recsys:sqlite:log?")]
    [InlineData("""{"recsyss":{"serving":{"deadline":"00:00:00.1"}}}""", "recsyss", "is unknown", "did you mean recsys?")]
    [InlineData("""{"recsys":{"serving":"fast"}}""", "recsys:serving", "'fast'", "must be a section")]
    [InlineData("""{"recsys":{"server":{"corsOrigins":{"first":"https://shop.example"}}}}""", "recsys:server:corsOrigins:first", "not an index of a list", "corsOrigins:0")]
    [InlineData("""{"recsys":{"interactionTypes":[{"name":"play","wieght":1}]}}""", "recsys:interactionTypes:0:wieght", "is unknown", "weight?")]
    [InlineData("""{"recsys":{"interactionTypes":[{"weight":1}]}}""", "recsys:interactionTypes", "name", "name")]
    [InlineData("""{"recsys":{"interactionTypes":[{"name":"play","like":"watch"}]}}""", "recsys:interactionTypes:0:like", "'watch'", "Purchase")]
    [InlineData("""{"recsys":{"interactionTypes":[{"name":"play","like":"77"}]}}""", "recsys:interactionTypes", "'play' is 77", "removeFromCart")]
    [InlineData("""{"recsys":{"interactionTypes":[{"name":"ban","like":"hide","weight":3}]}}""", "recsys:interactionTypes", "'ban' is 3", "like hide needs a weight below 0")]
    [InlineData("""{"recsys":{"interactionTypes":[{"name":"buy","like":"purchase","weight":-3}]}}""", "recsys:interactionTypes", "'buy' is -3", "at least 0")]
    [InlineData("""{"recsys":{"interactionTypes":[{"name":"star","like":"like","isRating":true}]}}""", "recsys:interactionTypes", "'star'", "isRating")]
    [InlineData("""{"recsys":{"server":{"apiKeys":[{"key":"short","roles":["read"]}]}}}""", "recsys:server:apiKeys:0:key", "5 characters", "16 to 256")]
    [InlineData("""{"recsys":{"serving":{"deadline":}}}""", "appsettings.json", "line 1, byte", "not valid JSON")]
    [InlineData("""{"recsys":{"actors":{"port":4053,"isNetworkTrusted":true,"join":["127.0.0.1:4053"]}}}""", "recsys:actors", "join names 127.0.0.1:4053", "SQLite files", "leave join out")]
    [InlineData("""{"urls":"5080"}""", "urls", "'5080'", "http://127.0.0.1:5080")]
    [InlineData("""{"Kestrel":{"Endpoints":{"a":{"Url":"localhost:1"}}}}""", "Kestrel:Endpoints:a:Url", "'localhost:1'", "http://localhost:1")]
    public async Task A_setting_of_a_file_is_refused_by_its_name(string settings, params string[] reported)
    {
        await File.WriteAllTextAsync(Path.Combine(_data.FullName, "appsettings.json"), settings, TestContext.Current.CancellationToken);

        (int exitCode, string output, string error) = await Commands.Cli.RunAsync("serve", "--data", _data.FullName);

        Refused(exitCode, output, error, reported);
    }

    [Fact]
    public async Task A_folder_named_like_the_settings_file_is_refused()
    {
        Directory.CreateDirectory(Path.Combine(_data.FullName, "appsettings.json"));

        (int exitCode, string output, string error) = await Commands.Cli.RunAsync("serve", "--data", _data.FullName);

        Refused(exitCode, output, error, ["appsettings.json", "is a folder", "move it away"]);
    }

    [Theory]
    [InlineData("recsys__serving__deadline", "soon", "recsys:serving:deadline")]
    [InlineData("RECSYS__SERVING__DEADLIN", "00:00:00.1", "SERVING:DEADLIN")]
    [InlineData("ASPNETCORE_URLS", "5080", "urls")]
    public async Task A_variable_is_refused_by_its_name(string variable, string value, string named)
    {
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "recsys"), ["serve", "--data", _data.FullName])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { [variable] = value },
        };

        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string error = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);

        Refused(process.ExitCode, output, error, named, value == "00:00:00.1" ? "deadline?" : $"'{value}'");
    }

    [Fact]
    public async Task An_address_that_this_machine_does_not_have_is_reported_in_one_line()
    {
        await File.WriteAllTextAsync(
            Path.Combine(_data.FullName, "appsettings.json"),
            """{"recsys":{"server":{"apiKeys":[{"key":"at least sixteen characters","roles":["read"]}]}}}""",
            TestContext.Current.CancellationToken);

        (int exitCode, string output, string error) = await Commands.Cli.RunAsync("serve", "--data", _data.FullName, "--urls", "http://203.0.113.7:6480");

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Empty(output);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Contains("does not have the address", error, StringComparison.Ordinal);
    }

    private static void Refused(int exitCode, string output, string error, params string[] reported)
    {
        Assert.Equal(ExitCodes.WrongUsage, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("recsys: ", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.All(reported, text => Assert.Contains(text, error, StringComparison.OrdinalIgnoreCase));
    }
}

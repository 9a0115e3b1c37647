using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

public sealed class ServeTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("recsys-host-");

    public void Dispose() => _data.Delete(recursive: true);

    [Fact]
    public async Task A_server_whose_port_is_in_use_reports_it_and_releases_its_folder()
    {
        using TcpListener other = new(IPAddress.Loopback, 0);
        other.Start();
        string url = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}");

        (int exitCode, _, string error) = await Cli.RunAsync("serve", "--data", _data.FullName, "--urls", url);
        (int listed, _, string none) = await Cli.RunAsync("models", "list", "--data", _data.FullName);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("set another address with --urls", error, StringComparison.Ordinal);
        Assert.True(listed == ExitCodes.Done, none);
    }

    [Theory]
    [InlineData("mysql://ada@db/shop", "--store must be postgres://USER@HOST:PORT/DATABASE")]
    [InlineData("postgres://ada:secret@db/shop", "--store must not contain a password")]
    [InlineData("postgres://db/shop", "--store names no user")]
    public async Task A_store_that_is_not_an_address_of_a_database_is_refused(string store, string problem)
    {
        (int exitCode, _, string error) = await Cli.RunAsync("serve", "--data", _data.FullName, "--store", store);

        Assert.Equal(ExitCodes.WrongUsage, exitCode);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("broker:9092", "--log must begin with kafka://")]
    [InlineData("kafka://ada:secret@broker:9092", "--log must not contain a user or a password")]
    [InlineData("kafka://broker:port", "--log has 'broker:port' instead of HOST:PORT")]
    public async Task A_log_that_is_not_an_address_of_brokers_is_refused(string log, string problem)
    {
        (int exitCode, _, string error) = await Cli.RunAsync("serve", "--data", _data.FullName, "--log", log);

        Assert.Equal(ExitCodes.WrongUsage, exitCode);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nodes_to_join_are_refused_over_files_that_they_do_not_share()
    {
        await File.WriteAllTextAsync(Path.Combine(_data.FullName, "appsettings.json"), """{"recsys":{"actors":{"isNetworkTrusted":true}}}""", TestContext.Current.CancellationToken);

        (int exitCode, _, string error) = await Cli.RunAsync(
            "serve", "--data", _data.FullName, "--urls", "http://127.0.0.1:0", "--listen", "127.0.0.1:4053", "--join", "127.0.0.1:4053,127.0.0.1:4054");

        Assert.Equal(ExitCodes.WrongUsage, exitCode);
        Assert.Contains("join names 127.0.0.1:4053, 127.0.0.1:4054, but the log and the states are SQLite files of this node", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Brokers_that_do_not_answer_are_reported_in_one_line_by_serve_and_by_doctor()
    {
        using TcpListener closed = new(IPAddress.Loopback, 0);
        closed.Start();
        string broker = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{((IPEndPoint)closed.LocalEndpoint).Port}");
        closed.Stop();
        await File.WriteAllTextAsync(
            Path.Combine(_data.FullName, "appsettings.json"), """{"recsys":{"kafka":{"requestTimeout":"00:00:01","options":{"sasl.username":"ada"}}}}""", TestContext.Current.CancellationToken);

        (int exitCode, _, string error) = await Cli.RunAsync("serve", "--data", _data.FullName, "--urls", "http://127.0.0.1:0", "--log", $"kafka://{broker}");
        (int checkedCode, string found, _) = await Cli.RunAsync("doctor", "--data", _data.FullName, "--log", $"kafka://{broker}", "--json");

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.StartsWith($"recsys: the brokers at {broker} do not describe topic recsys-log: ", error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Equal(ExitCodes.Failed, checkedCode);
        Assert.Contains($"the brokers at {broker} do not describe topic recsys-log", found, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"recsys":{"kafka":{"url":"kafka://broker","partitions":6}}}""", "recsys:kafka:partitions is 6; a power of two from 1 to 256 is needed")]
    [InlineData("""{"recsys":{"kafka":{"url":"kafka://broker","options":{"acks":"1"}}}}""", "recsys:kafka:options:acks cannot be set: the log depends on its value")]
    [InlineData("""{"recsys":{"kafka":{"url":"kafka://broker","options":{"sasl.pasword":"hidden-word"}}}}""", "recsys:kafka:options:sasl.pasword is not an option of librdkafka")]
    [InlineData("""{"recsys":{"kafka":{"url":"broker:9092"}}}""", "recsys:kafka:url must begin with kafka://")]
    public async Task A_wrong_setting_of_the_log_on_Kafka_is_one_line_that_names_it(string settings, string problem)
    {
        await File.WriteAllTextAsync(Path.Combine(_data.FullName, "appsettings.json"), settings, TestContext.Current.CancellationToken);

        (int exitCode, _, string error) = await Cli.RunAsync("serve", "--data", _data.FullName, "--urls", "http://127.0.0.1:0");

        Assert.Equal(ExitCodes.WrongUsage, exitCode);
        Assert.Contains(problem, error, StringComparison.Ordinal);
        Assert.DoesNotContain("hidden-word", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_with_records_in_its_own_log_is_not_served_with_a_log_on_Kafka()
    {
        await Cli.RunAsync("import", "interactions", await RowsAsync(), "--data", _data.FullName);

        (int exitCode, _, string error) = await Cli.RunAsync("serve", "--data", _data.FullName, "--urls", "http://127.0.0.1:0", "--log", "kafka://127.0.0.1:9");

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("log.db contains 1 records, which a log on Kafka would hide", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_whose_log_is_on_Kafka_is_not_served_without_its_brokers()
    {
        await Cli.RunAsync("import", "interactions", await RowsAsync(), "--data", _data.FullName);
        await File.WriteAllTextAsync(
            Path.Combine(_data.FullName, "kafka.json"),
            """{"version":1,"topic":"shop","topicId":"id","partitions":8,"recordFormat":1,"installation":"00000000000000000000000000000000"}""",
            TestContext.Current.CancellationToken);

        (int exitCode, _, string error) = await Cli.RunAsync("recommend", "ada", "--data", _data.FullName);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("is topic shop of Kafka", error, StringComparison.Ordinal);
        Assert.Contains("--log kafka://HOST:PORT", error, StringComparison.Ordinal);
    }

    private async Task<string> RowsAsync()
    {
        string path = Path.Combine(_data.FullName, "rows.csv");
        await File.WriteAllTextAsync(path, "userId,itemId,type,timestamp\nada,tea,view,1700000000\n", TestContext.Current.CancellationToken);
        return path;
    }

    [Fact]
    public async Task A_database_that_does_not_answer_is_reported_in_one_line_by_serve_and_by_doctor()
    {
        using TcpListener closed = new(IPAddress.Loopback, 0);
        closed.Start();
        string store = string.Create(CultureInfo.InvariantCulture, $"postgres://ada@127.0.0.1:{((IPEndPoint)closed.LocalEndpoint).Port}/shop");
        closed.Stop();

        (int exitCode, _, string error) = await Cli.RunAsync("serve", "--data", _data.FullName, "--urls", "http://127.0.0.1:0", "--store", store);
        (int checkedCode, string found, _) = await Cli.RunAsync("doctor", "--data", _data.FullName, "--store", store, "--json");

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Equal($"recsys: {store}: Connection refused", error.Trim());
        Assert.Equal(ExitCodes.Failed, checkedCode);
        Assert.Contains($"{store}: Connection refused", found, StringComparison.Ordinal);
    }
}

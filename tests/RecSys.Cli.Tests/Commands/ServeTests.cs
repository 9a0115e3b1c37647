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

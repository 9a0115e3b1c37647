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
}

using System.Diagnostics;
using System.Net.Sockets;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Processes;

/// <summary>More connections than the process may open files do not end the process.</summary>
[Trait("Category", "Slow")]
public sealed class OpenFilesTests
{
    private const int FilesMax = 700;
    private const int Connections = 800;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_server_closes_connections_beyond_its_open_files_and_serves_the_others()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "ulimit is needed");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("recsys-files-");
        string program = Path.Combine(AppContext.BaseDirectory, "recsys");
        ProcessStartInfo start = new("bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])["-c", $"ulimit -n {FilesMax}; exec \"$@\"", "bash", program, "serve", "--data", folder.FullName, "--urls", "http://127.0.0.1:0"])
        {
            start.ArgumentList.Add(argument);
        }

        using Process server = Process.Start(start)!;
        try
        {
            _ = server.StandardError.ReadToEndAsync(Cancel);
            Uri? url = null;
            while (url is null && await server.StandardOutput.ReadLineAsync(Cancel) is { } line)
            {
                url = line.Split(' ').Select(word => Uri.TryCreate(word, UriKind.Absolute, out Uri? at) && at.Scheme == "http" ? at : null).FirstOrDefault(at => at is not null);
            }

            Assert.NotNull(url);
            using RecSysClient client = new(new RecSysClientOptions { BaseAddress = url, Timeout = TimeSpan.FromMinutes(1), RetriesMax = 10 });
            Assert.True(await client.IsReadyAsync(Cancel)); // on a connection that stays open
            List<TcpClient> opened = [];
            int closed = 0;
            for (int number = 0; number < Connections; number++)
            {
                TcpClient connection = new();
                await connection.ConnectAsync(url.Host, url.Port, Cancel);
                opened.Add(connection);
            }

            Assert.True(await client.IsReadyAsync(Cancel));
            foreach (TcpClient connection in opened)
            {
                closed += connection.Client.Poll(TimeSpan.Zero, SelectMode.SelectRead) ? 1 : 0;
                connection.Dispose();
            }

            Assert.InRange(closed, Connections - FilesMax, Connections - 1);
            Assert.True(await client.IsReadyAsync(Cancel));
            Assert.False(server.HasExited);
        }
        finally
        {
            server.Kill(entireProcessTree: true);
            await server.WaitForExitAsync(CancellationToken.None);
            folder.Delete(recursive: true);
        }
    }
}

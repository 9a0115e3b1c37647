using System.Net.Sockets;
using System.Text;
using RecSys.Cli.Hosting;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>A server that stops answers its open requests or closes their connections, and keeps what it acknowledged.</summary>
[Trait("Category", "Slow")]
public sealed class ShutdownTests : IDisposable
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromSeconds(12);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-stop-");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task An_open_stream_is_answered_at_the_stop_with_the_stored_lines()
    {
        string answer;
        using (DataFolder data = DataFolder.TryLock(_folder.FullName)!)
        {
            RecSysHost host = await RecSysHost.StartAsync(new HostArguments(data) { Urls = "http://127.0.0.1:0" }, Cancel);
            using TcpClient connection = await OpenAsync(
                host, "POST /v1/interactions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n");
            const string Row = "{\"userId\":\"ada\",\"itemId\":\"p1\",\"type\":\"view\"}\n";
            await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"{Row.Length:x}\r\n{Row}\r\n"), Cancel);
            await UntilStoredAsync(host);

            Task<string> answered = ReadAsync(connection);
            await host.DisposeAsync().AsTask().WaitAsync(TimeLimit, Cancel);
            answer = await answered.WaitAsync(TimeLimit, Cancel);
        }

        Assert.StartsWith("HTTP/1.1 503", answer, StringComparison.Ordinal);
        Assert.Contains("\"accepted\":1", answer, StringComparison.Ordinal);
        Assert.Contains("the server stops", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_does_not_read_does_not_delay_the_stop()
    {
        using DataFolder data = DataFolder.TryLock(_folder.FullName)!;
        RecSysHost host = await RecSysHost.StartAsync(new HostArguments(data) { Urls = "http://127.0.0.1:0" }, Cancel);
        using (RecSysClient client = new(new RecSysClientOptions { BaseAddress = host.Url }))
        {
            string prefix = new('x', 200);
            for (int batch = 0; batch < 20; batch++)
            {
                await client.RecordAsync(
                    [.. Enumerable.Range(0, 1_000).Select(item => new InteractionBody { UserId = "ada", ItemId = $"{prefix}{item}", Type = "view" })], Cancel);
            }

            await CatchUp.WaitAsync(client, TimeProvider.System, Cancel);
        }

        using TcpClient connection = await OpenAsync(host, "GET /v1/users/ada/export HTTP/1.1\r\nHost: localhost\r\n\r\n");
        await connection.GetStream().ReadExactlyAsync(new byte[1_000], Cancel);

        await host.DisposeAsync().AsTask().WaitAsync(TimeLimit, Cancel);
    }

    private static async Task<TcpClient> OpenAsync(RecSysHost host, string head)
    {
        TcpClient connection = new() { ReceiveBufferSize = 4_096 };
        await connection.ConnectAsync(host.Url.Host, host.Url.Port, Cancel);
        await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head), Cancel);
        return connection;
    }

    // Until the connection ends, in order or not.
    private static async Task<string> ReadAsync(TcpClient connection)
    {
        StringBuilder text = new();
        byte[] buffer = new byte[4_096];
        try
        {
            while (await connection.GetStream().ReadAsync(buffer, Cancel) is > 0 and int read)
            {
                text.Append(Encoding.ASCII.GetString(buffer, 0, read));
            }
        }
        catch (IOException)
        {
            // Closed by the server.
        }

        return text.ToString();
    }

    private static async Task UntilStoredAsync(RecSysHost host)
    {
        using RecSysClient client = new(new RecSysClientOptions { BaseAddress = host.Url });
        while ((await client.GetStatusAsync(Cancel)).LogEnd == 0)
        {
            await Task.Yield();
        }
    }
}

using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RecSys.Client.Tests;

/// <summary>A server that returns the request line as it was received.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);

    public RawServer() => _listener.Start();

    public Uri Address => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}/");

    /// <summary>Accepts one request, answers it and closes the connection.</summary>
    /// <returns>The request line.</returns>
    public async Task<string> AnswerAsync(string head, string body, CancellationToken cancellationToken)
    {
        using TcpClient connection = await _listener.AcceptTcpClientAsync(cancellationToken);
        await using NetworkStream stream = connection.GetStream();
        using StreamReader reader = new(stream, Encoding.Latin1);
        string line = (await reader.ReadLineAsync(cancellationToken))!;
        while (await reader.ReadLineAsync(cancellationToken) is { Length: > 0 })
        {
        }

        byte[] bytes = Encoding.UTF8.GetBytes(body);
        await stream.WriteAsync(
            Encoding.Latin1.GetBytes(
                $"HTTP/1.1 {head}\r\nContent-Length: {bytes.Length}\r\nConnection: close\r\n\r\n"),
            cancellationToken);
        await stream.WriteAsync(bytes, cancellationToken);
        return line;
    }

    public void Dispose() => _listener.Dispose();
}

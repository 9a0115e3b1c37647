using System.Net;
using System.Net.Sockets;

namespace RecSys.Eng.Chaos;

/// <summary>Forwards a node's connections to the database. While it holds them, nothing is forwarded and nothing is closed, as in a network that loses all packets.</summary>
internal sealed class DatabaseRelay : IAsyncDisposable
{
    private const int BufferBytes = 65_536;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly int _databasePort;
    private readonly Task _accepting;
    private TaskCompletionSource? _held;

    /// <summary>Starts to listen on a free port of this machine.</summary>
    /// <param name="databasePort">The port of the database on this machine.</param>
    public DatabaseRelay(int databasePort)
    {
        _databasePort = databasePort;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    /// <summary>Gets the port that the node connects to.</summary>
    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Holds all connections, also new ones.</summary>
    public void Hold() => Volatile.Write(ref _held, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    /// <summary>Forwards what was held, and all that follows.</summary>
    public void Release() => Interlocked.Exchange(ref _held, null)?.SetResult();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ForwardAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The run ends.
        }
    }

    private async Task ForwardAsync(TcpClient node)
    {
        using TcpClient database = new() { NoDelay = true };
        node.NoDelay = true;
        node.LingerState = new LingerOption(enable: true, seconds: 0); // a database that does not run: the connection is reset
        try
        {
            await database.ConnectAsync(IPAddress.Loopback, _databasePort, _stop.Token);
            await Task.WhenAny(CopyAsync(node.GetStream(), database.GetStream()), CopyAsync(database.GetStream(), node.GetStream()));
        }
        catch (Exception ended) when (ended is SocketException or OperationCanceledException)
        {
            // The node connects again.
        }
        finally
        {
            node.Dispose();
        }
    }

    private async Task CopyAsync(NetworkStream from, NetworkStream to)
    {
        byte[] buffer = new byte[BufferBytes];
        try
        {
            for (int read; (read = await from.ReadAsync(buffer, _stop.Token)) > 0;)
            {
                if (Volatile.Read(ref _held) is { } held)
                {
                    await held.Task.WaitAsync(_stop.Token);
                }

                await to.WriteAsync(buffer.AsMemory(0, read), _stop.Token);
            }
        }
        catch (Exception ended) when (ended is IOException or ObjectDisposedException or OperationCanceledException)
        {
            // One of both ends closed the connection.
        }
    }
}

using RecSys.Client;

namespace RecSys.Cli.Hosting;

/// <summary>A command's connection to a server, which runs already or is started for the command only.</summary>
/// <remarks>Every command uses HTTP, so that it does the same with a server on the folder, without one, and on another machine.</remarks>
internal sealed class Session : IAsyncDisposable
{
    private readonly RecSysClient _client;
    private readonly DataFolder? _folder;
    private readonly RecSysHost? _own;

    private Session(Uri url, string? apiKey, DataFolder? folder = null, RecSysHost? own = null)
    {
        Url = url;
        _folder = folder;
        _own = own;
        _client = new RecSysClient(new RecSysClientOptions { BaseAddress = url, ApiKey = apiKey, Timeout = TimeSpan.FromMinutes(2) });
    }

    /// <summary>Gets the address.</summary>
    public Uri Url { get; }

    /// <summary>Gets the client of the API.</summary>
    public IRecSysClient Client => _client;

    /// <summary>Gets whether the server runs in this process, for this command only.</summary>
    public bool IsOwn => _own is not null;

    /// <summary>Finds the selected server, or starts one on the data folder.</summary>
    /// <exception cref="CommandException">The folder has no data and may not be created, is used by a process that does not answer, or cannot be used.</exception>
    public static async Task<Session> OpenAsync(ConnectionArguments arguments, CancellationToken cancellationToken)
    {
        if (arguments.Server is { } server)
        {
            return new Session(server, arguments.ApiKey);
        }

        if (!arguments.MakesFolder)
        {
            RequireData(arguments.Data);
        }

        if (DataFolder.TryLock(arguments.Data) is not { } folder)
        {
            ServerAddress running = DataFolder.ReadServer(arguments.Data)
                ?? throw new CommandException($"{arguments.Data}: another process uses this data folder and is not listening yet; retry in a moment");
            return new Session(running.Url, arguments.ApiKey);
        }

        try
        {
            RecSysHost own = await RecSysHost.StartAsync(new HostArguments(folder) { IsForOneCommand = true }, cancellationToken);
            return new Session(own.Url, own.ApiKey ?? arguments.ApiKey, folder, own);
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>Waits until a server that was started for this command has applied its log, so that the first answer reflects it; does not wait for a running server.</summary>
    public async Task CatchUpAsync(Terminal terminal, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!IsOwn)
        {
            return;
        }

        await ProgressLine.RunAsync(terminal, time, "catching up", async report =>
        {
            long most = 0;
            await CatchUp.WaitAsync(_client, time, cancellationToken, left =>
            {
                most = Math.Max(most, left);
                report(most > 0 ? 1 - ((double)left / most) : 0, $"{Terminal.Number(left)} records left");
            });
            return most;
        });
    }

    private static void RequireData(string data)
    {
        InstallationFiles files = new(data);
        if (files.HoldsAny())
        {
            return;
        }

        string folder = Directory.Exists(files.Folder) ? "has no data of RecSys" : "the data folder does not exist";
        throw new CommandException($"{data}: {folder}; create one with recsys import … --data {data}, or set another with --data");
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (_own is not null)
        {
            await _own.DisposeAsync();
        }

        _folder?.Dispose();
    }
}

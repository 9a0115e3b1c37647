using System.Text;
using RecSys.Cli.Hosting;
using RecSys.Client;
using RecSys.Files;

namespace RecSys.Cli.Commands;

/// <summary>The target of an export's rows on this machine: a file, which is complete or absent, or standard output.</summary>
/// <remarks>Rows are written to a temporary file beside it, which only this user can read; the complete file is then renamed.</remarks>
internal sealed class ExportTarget : IDisposable
{
    private const int BufferBytes = 64 << 10;
    private const string StandardOutput = "-";

    private readonly Terminal _terminal;
    private readonly string? _path;
    private readonly string? _aside;

    private ExportTarget(Terminal terminal, string? path)
    {
        _terminal = terminal;
        _path = path;
        _aside = path is null ? null : $"{path}.{Guid.NewGuid():N}.tmp";
    }

    /// <summary>Checks a target before the export begins, so that an invalid one fails immediately.</summary>
    /// <param name="file">The file; null or <c>-</c> is standard output.</param>
    /// <param name="terminal">Its standard output receives the rows if there is no file.</param>
    /// <exception cref="CommandException">A file cannot be written there.</exception>
    public static ExportTarget Create(string? file, Terminal terminal)
    {
        if (file is null or StandardOutput)
        {
            return new ExportTarget(terminal, path: null);
        }

        if (file.Length == 0)
        {
            throw new CommandException("FILE: is empty; give a file, or - for standard output", ExitCodes.WrongUsage);
        }

        string path = Path.GetFullPath(file);
        if (File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } linked)
        {
            path = linked.FullName; // the link's target is replaced, and the link is kept
        }

        if (path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal))
        {
            throw new CommandException($"{file}: is a device, which an export must not replace; use - and redirect standard output");
        }

        string folder = Path.GetDirectoryName(path) ?? path;
        if (Directory.Exists(path))
        {
            throw new CommandException($"{file}: is a folder; give a file");
        }

        if (!Directory.Exists(folder))
        {
            throw new CommandException($"{file}: the folder {folder} does not exist");
        }

        if (File.Exists(path) && File.Exists(new InstallationFiles(folder).Log))
        {
            throw new CommandException($"{file}: is a file of a data folder; export to a file elsewhere");
        }

        return new ExportTarget(terminal, path);
    }

    /// <summary>Fetches a job's result.</summary>
    /// <exception cref="CommandException">The answer is incomplete, or the file cannot be written; an existing file is unchanged.</exception>
    public async Task FetchAsync(IRecSysClient client, JobResponse job, TimeProvider time, CancellationToken cancellationToken)
    {
        long size = job.Download?.SizeBytes ?? throw new CommandException("the server reports no result; its version may be too old");
        try
        {
            await ProgressLine.RunAsync(_terminal, time, "fetching", async report =>
            {
                await using Stream rows = await client.OpenJobResultAsync(job.Id, cancellationToken);
                long fetched = _aside is null
                    ? await PrintAsync(rows, cancellationToken)
                    : await WriteAsync(rows, count => report(size == 0 ? 1 : (double)count / size, $"{count >> 20} of {size >> 20} MB"), cancellationToken);
                return fetched == size ? fetched : throw new IOException($"only {fetched} of {size} bytes were received");
            });
            if (_path is not null)
            {
                File.Move(_aside!, _path, overwrite: true);
            }
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandException(_path is null
                ? $"the rows on standard output are incomplete: {error.Message}"
                : $"{_path}: not written: {error.Message}");
        }
    }

    /// <summary>Deletes the temporary file if it was not renamed.</summary>
    public void Dispose()
    {
        if (_aside is not null)
        {
            File.Delete(_aside);
        }
    }

    private async Task<long> WriteAsync(Stream rows, Action<long> report, CancellationToken cancellationToken)
    {
        FileStreamOptions options = PrivateFiles.Options(FileMode.CreateNew, FileAccess.Write);
        options.Options = FileOptions.Asynchronous;
        await using FileStream file = new(_aside!, options);
        byte[] buffer = new byte[BufferBytes];
        long written = 0;
        while (await rows.ReadAsync(buffer, cancellationToken) is > 0 and int read)
        {
            await file.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
            report(written += read);
        }

        file.Flush(flushToDisk: true);
        return written;
    }

    private async Task<long> PrintAsync(Stream rows, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[BufferBytes];
        char[] chars = new char[BufferBytes];
        Decoder decoder = Encoding.UTF8.GetDecoder();
        long printed = 0;
        while (await rows.ReadAsync(bytes, cancellationToken) is > 0 and int read)
        {
            int count = decoder.GetChars(bytes.AsSpan(0, read), chars, flush: false);
            await _terminal.Out.WriteAsync(chars.AsMemory(0, count), cancellationToken);
            printed += read;
        }

        await _terminal.Out.FlushAsync(cancellationToken);
        return printed;
    }
}

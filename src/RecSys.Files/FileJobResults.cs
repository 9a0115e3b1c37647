using System.Globalization;
using System.Security.Cryptography;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Files;

/// <summary>Keeps results of jobs as files of one folder that only this user may read.</summary>
/// <remarks>The folder belongs to this store only, which deletes all files in it when it is opened: a crash leaves files until then, but no result can be read after a restart.</remarks>
public sealed class FileJobResults : IJobResults, IDisposable
{
    private const int BufferBytes = 64 << 10;

    private static readonly TimeSpan ExpiryPeriod = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly JobResultOptions _options;
    private readonly TimeProvider _clock;
    private readonly Action<IOException>? _notDeleted;
    private readonly ITimer _expiry;
    private readonly Lock _gate = new();

    // Oldest first, including those being written.
    private readonly List<Entry> _entries = [];
    private readonly string _process = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8)); // so that a job of an earlier process does not name a result of this one
    private long _lastNumber;

    /// <summary>Opens the store: creates its folder, or deletes the folder's files.</summary>
    /// <param name="folder">Path of the folder.</param>
    /// <param name="options">Limits of the number, size and age of results.</param>
    /// <param name="clock">Clock that determines when a result expires.</param>
    /// <param name="notDeleted">Called when the file of an expired or partial result cannot be deleted, at most every 30 s for each file; the deletion is retried. It must not throw. Null: not called.</param>
    /// <exception cref="IOException">The folder cannot be created or emptied.</exception>
    public FileJobResults(string folder, JobResultOptions options, TimeProvider clock, Action<IOException>? notDeleted = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(clock);
        _folder = Path.GetFullPath(folder);
        _options = options;
        _clock = clock;
        _notDeleted = notDeleted;
        PrivateFiles.MakeFolder(_folder);
        PrivateFiles.Tighten(_folder);
        foreach (string left in Directory.EnumerateFiles(_folder))
        {
            File.Delete(left);
        }

        _expiry = clock.CreateTimer(_ => DeleteExpired(), state: null, ExpiryPeriod, ExpiryPeriod);
    }

    /// <inheritdoc/>
    public string Place => "job results";

    /// <inheritdoc/>
    public async ValueTask<JobResult?> WriteAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(write);
        Entry entry = Begin();
        try
        {
            BoundedStream bounded = new(this, entry);
            await using (bounded.ConfigureAwait(false))
            {
                BufferedStream buffered = new(bounded, BufferBytes);
                await write(buffered, cancellationToken).ConfigureAwait(false);
                await buffered.FlushAsync(cancellationToken).ConfigureAwait(false);
            }

            lock (_gate)
            {
                if (entry.IsDeleted)
                {
                    return null;
                }

                entry.WrittenAt = _clock.GetTimestamp();
                return new JobResult(entry.Id, entry.SizeBytes, (_clock.GetUtcNow() + _options.KeptFor).ToUnixTimeMilliseconds());
            }
        }
        catch (DeletedException)
        {
            return null;
        }
        catch
        {
            lock (_gate)
            {
                entry.IsUnwanted = true;
                TryDelete(entry);
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public Stream? Open(string id)
    {
        lock (_gate)
        {
            Entry? entry = _entries.Find(entry => entry.Id == id && entry.WrittenAt is not null && !IsExpired(entry));
            try
            {
                return entry is null ? null : new FileStream(entry.Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, BufferBytes, useAsync: true);
            }
            catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
            {
                return null;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StoreUnavailableException($"the result {id} cannot be read: {exception.Message}", exception);
            }
        }
    }

    /// <inheritdoc/>
    public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            long removed = _entries.Count;
            try
            {
                foreach (Entry entry in _entries.ToArray())
                {
                    // A reader or a writer may still hold the file: its bytes are deleted now, not when it is closed.
                    if (File.Exists(entry.Path))
                    {
                        using FileStream file = new(entry.Path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
                        file.SetLength(0);
                    }

                    Delete(entry);
                }
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                throw new StoreUnavailableException($"a result of a job cannot be deleted: {exception.Message}", exception);
            }

            return new(removed);
        }
    }

    /// <summary>Deletes all results; a file that cannot be deleted now is deleted when the store is opened again.</summary>
    public void Dispose()
    {
        _expiry.Dispose();
        lock (_gate)
        {
            Array.ForEach(_entries.ToArray(), TryDelete);
        }
    }

    private Entry Begin()
    {
        lock (_gate)
        {
            DeleteExpired();
            while (_entries.Count >= _options.CountMax)
            {
                if (!TryDeleteOldest())
                {
                    throw new IOException($"{_options.CountMax} results are being written, which is the limit {JobResultOptions.Section}:countMax");
                }
            }

            string id = string.Create(CultureInfo.InvariantCulture, $"{_process}-{++_lastNumber}");
            Entry entry = new(id, Path.Combine(_folder, id + ".jsonl"));
            FileStreamOptions options = PrivateFiles.Options(FileMode.CreateNew, FileAccess.Write);
            options.Share = FileShare.ReadWrite | FileShare.Delete;
            options.BufferSize = 0;
            entry.File = new FileStream(entry.Path, options);
            _entries.Add(entry);
            return entry;
        }
    }

    private void Write(Entry entry, ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            if (entry.IsDeleted)
            {
                throw new DeletedException();
            }

            while (_entries.Sum(kept => kept.SizeBytes) + bytes.Length > _options.BytesMax)
            {
                if (!TryDeleteOldest())
                {
                    throw new IOException($"the result is larger than {_options.BytesMax} bytes, which is the limit {JobResultOptions.Section}:bytesMax");
                }
            }

            entry.File!.Write(bytes);
            entry.SizeBytes += bytes.Length;
        }
    }

    private bool TryDeleteOldest()
    {
        Entry? oldest = _entries.Find(entry => entry.WrittenAt is not null);
        if (oldest is not null)
        {
            Delete(oldest);
        }

        return oldest is not null;
    }

    // Called by the timer, where an exception would end the process.
    private void DeleteExpired()
    {
        lock (_gate)
        {
            _entries.FindAll(IsExpired).ForEach(TryDelete);
        }
    }

    private bool IsExpired(Entry entry) => entry.IsUnwanted || (entry.WrittenAt is { } writtenAt && _clock.GetElapsedTime(writtenAt) >= _options.KeptFor);

    /// <summary>Deletes a result; if its file cannot be deleted now, reports that and keeps the entry.</summary>
    private void TryDelete(Entry entry)
    {
        try
        {
            Delete(entry);
        }
        catch (IOException error)
        {
            _notDeleted?.Invoke(error);
        }
    }

    private void Delete(Entry entry)
    {
        try
        {
            File.Delete(entry.Path);
        }
        catch (DirectoryNotFoundException)
        {
            // The file was deleted with its folder.
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new IOException($"the file {entry.Path} cannot be deleted: {error.Message}", error);
        }

        entry.IsDeleted = true;
        _entries.Remove(entry);
    }

    /// <summary>A result's file.</summary>
    private sealed class Entry(string id, string path)
    {
        public string Id { get; } = id;

        public string Path { get; } = path;

        /// <summary>Gets or sets the file while it is written.</summary>
        public FileStream? File { get; set; }

        public long SizeBytes { get; set; }

        /// <summary>Gets or sets when the file was complete, as a timestamp of the monotonic clock; null while it is written.</summary>
        public long? WrittenAt { get; set; }

        /// <summary>Gets or sets whether the result could not be written, so that its file is only to be deleted.</summary>
        public bool IsUnwanted { get; set; }

        public bool IsDeleted { get; set; }
    }

    private sealed class DeletedException : Exception;

    /// <summary>Writes a result within the store's limits.</summary>
    private sealed class BoundedStream(FileJobResults store, Entry entry) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override void Write(ReadOnlySpan<byte> buffer) => store.Write(entry, buffer);

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
        {
            Write(buffer.AsSpan(offset, count));
            return Task.CompletedTask;
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            Write(buffer.Span);
            return ValueTask.CompletedTask;
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            entry.File?.Dispose();
            base.Dispose(disposing);
        }
    }
}

using System.Text;
using Microsoft.Extensions.Time.Testing;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Files.Tests;

public sealed class FileJobResultsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly JobResultOptions _options = new() { CountMax = 2, BytesMax = 1 << 20 };
    private readonly FileJobResults _results;

    public FileJobResultsTests() => _results = new FileJobResults(Folder, _options, _clock);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Folder => _folder.File("results");

    public void Dispose()
    {
        _results.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_result_is_readable_only_by_its_owner()
    {
        JobResult? result = await WriteAsync("rows\n");

        Assert.Equal("rows\n", Read(result!));
        Assert.Equal(5, result!.SizeBytes);
        Assert.Equal(_clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds(), result.ExpiresAtMs);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Assert.Single(Directory.GetFiles(Folder))));
        }
    }

    [Fact]
    public async Task A_result_that_could_not_be_written_leaves_no_file()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _results.WriteAsync(
            async (stream, cancel) =>
            {
                await stream.WriteAsync(new byte[100_000], cancel);
                throw new InvalidOperationException("the log is gone");
            },
            Cancel));

        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task A_result_expires()
    {
        JobResult? result = await WriteAsync("rows");

        _clock.Advance(_options.KeptFor);

        Assert.Empty(Directory.GetFiles(Folder));
        Assert.Null(_results.Open(result!.Id));
    }

    [Fact]
    public async Task A_result_whose_file_cannot_be_deleted_expires_and_is_deleted_later()
    {
        List<IOException> reported = [];
        using FileJobResults results = new(_folder.File("others"), _options, _clock, reported.Add);
        JobResult? result = await results.WriteAsync((stream, cancel) => stream.WriteAsync("rows"u8.ToArray(), cancel).AsTask(), Cancel);
        string file = Assert.Single(Directory.GetFiles(_folder.File("others")));
        Block(file);

        _clock.Advance(_options.KeptFor);

        Assert.All(reported, error => Assert.Contains(file, error.Message, StringComparison.Ordinal));
        Assert.NotEmpty(reported);
        Assert.Null(results.Open(result!.Id));

        Directory.Delete(file);
        await File.WriteAllTextAsync(file, "rows", Cancel);
        reported.Clear();
        _clock.Advance(TimeSpan.FromSeconds(30));

        Assert.False(File.Exists(file));
        Assert.Empty(reported);
    }

    [Fact]
    public async Task A_result_expires_also_if_its_folder_was_deleted()
    {
        JobResult? result = await WriteAsync("rows");
        Directory.Delete(Folder, recursive: true);

        Assert.Null(_results.Open(result!.Id));
        _clock.Advance(_options.KeptFor);
        Assert.Equal(0, await EraseAsync());
    }

    [Fact]
    public async Task The_reason_of_a_failed_write_is_thrown_also_if_the_partial_file_cannot_be_deleted()
    {
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await _results.WriteAsync(
            (_, _) =>
            {
                Block(Assert.Single(Directory.GetFiles(Folder)));
                throw new InvalidOperationException("the log is gone");
            },
            Cancel));

        string left = Assert.Single(Directory.GetDirectories(Folder));
        Directory.Delete(left);
        await File.WriteAllTextAsync(left, "rows", Cancel);
        _clock.Advance(TimeSpan.FromSeconds(30));
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task A_further_result_replaces_the_oldest()
    {
        JobResult? first = await WriteAsync("1");
        JobResult? second = await WriteAsync("2");
        JobResult? third = await WriteAsync("3");

        Assert.Null(_results.Open(first!.Id));
        Assert.Equal("2", Read(second!));
        Assert.Equal("3", Read(third!));
    }

    [Fact]
    public async Task All_results_together_have_a_limit_and_a_larger_one_is_refused_by_its_name()
    {
        JobResult? first = await WriteAsync(new string('x', 800_000));
        JobResult? second = await WriteAsync(new string('y', 800_000));
        Assert.Null(_results.Open(first!.Id));

        IOException refused = await Assert.ThrowsAsync<IOException>(() => WriteAsync(new string('z', 2 << 20)));

        Assert.Contains("recsys:jobResults:bytesMax", refused.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder));
        Assert.NotNull(second);
    }

    [Fact]
    public async Task An_erasure_deletes_results_and_interrupts_their_readers()
    {
        JobResult? result = await WriteAsync(new string('x', 500_000));
        await using Stream reader = _results.Open(result!.Id)!;
        await reader.ReadExactlyAsync(new byte[1_000], Cancel);

        Assert.Equal(1, await EraseAsync());

        Assert.Empty(Directory.GetFiles(Folder));
        Assert.Null(_results.Open(result.Id));
        using MemoryStream rest = new();
        await reader.CopyToAsync(rest, Cancel);
        Assert.True(rest.Length < 200_000, "no more than was read ahead");
    }

    [Fact]
    public async Task An_erasure_deletes_a_result_that_is_being_written()
    {
        JobResult? result = await _results.WriteAsync(
            async (stream, cancel) =>
            {
                await stream.WriteAsync(new byte[100_000], cancel);
                await EraseAsync();
            },
            Cancel);

        Assert.Null(result);
        Assert.Empty(Directory.GetFiles(Folder));
        Assert.Equal("again", Read((await WriteAsync("again"))!));
    }

    [Fact]
    public async Task Files_left_by_a_crash_are_deleted_at_the_start()
    {
        Directory.CreateDirectory(Folder);
        await File.WriteAllTextAsync(Path.Combine(Folder, "12.jsonl"), "left", Cancel);

        using FileJobResults reopened = new(Folder, _options, _clock);

        Assert.Empty(Directory.GetFiles(Folder));
    }

    private async Task<JobResult?> WriteAsync(string text) =>
        await _results.WriteAsync((stream, cancel) => stream.WriteAsync(Encoding.UTF8.GetBytes(text), cancel).AsTask(), Cancel);

    private string Read(JobResult result)
    {
        using StreamReader reader = new(_results.Open(result.Id)!);
        return reader.ReadToEnd();
    }

    /// <summary>Replaces a file by a folder, which a store cannot delete as a file.</summary>
    private static void Block(string file)
    {
        File.Delete(file);
        Directory.CreateDirectory(file);
    }

    private ValueTask<long> EraseAsync() => _results.EraseAsync(default(Owner), LogPosition.Start, Cancel);
}

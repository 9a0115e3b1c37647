using System.Net;
using System.Text;
using RecSys.Cli.Hosting;
using RecSys.Client;
using Xunit;

namespace RecSys.Cli.Tests.Commands;

/// <summary>Exports from a server: no path of a request is used there, and the command writes the client's file.</summary>
[Trait("Category", "Slow")]
public sealed class ExportTests : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("recsys-export-");
    private DataFolder _data = null!;
    private RecSysHost _host = null!;
    private RecSysClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _data = DataFolder.TryLock(Path.Combine(_folder.FullName, "shop"))!;
        _host = await RecSysHost.StartAsync(new HostArguments(_data) { Urls = "http://127.0.0.1:0" }, Cancel);
        _client = new RecSysClient(new RecSysClientOptions { BaseAddress = _host.Url });
        await _client.RecordAsync(new InteractionBody { UserId = "ada", ItemId = "p1", Type = "view" }, Cancel);
        await _client.RecordAsync(new InteractionBody { UserId = "bob", ItemId = "p2", Type = "view" }, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _host.DisposeAsync();
        _data.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_file_in_a_request_is_refused_and_the_log_is_unchanged()
    {
        byte[] before = new byte[16];
        await using (FileStream log = new(_data.Files.Log, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete))
        {
            await log.ReadExactlyAsync(before, Cancel);
        }

        using HttpClient http = new() { BaseAddress = _host.Url };
        using StringContent body = new($$$"""{"kind":"export","parameters":{"what":"users","file":"{{{_data.Files.Log}}}"}}""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await http.PostAsync(new Uri("/v1/admin/jobs", UriKind.Relative), body, Cancel);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("parameters.file", await response.Content.ReadAsStringAsync(Cancel), StringComparison.Ordinal);
        Assert.Equal("SQLite format 3\0", Encoding.ASCII.GetString(before));
    }

    [Fact]
    public async Task An_export_file_is_readable_only_by_its_owner()
    {
        string file = Path.Combine(_folder.FullName, "users.jsonl");

        (int exitCode, string output, string error) = await Cli.RunAsync("export", "users", file, "--server", _host.Url.AbsoluteUri);

        Assert.True(exitCode == ExitCodes.Done, error);
        Assert.Empty(output);
        Assert.Equal(["""{"userId":"ada"}""", """{"userId":"bob"}"""], await File.ReadAllLinesAsync(file, Cancel));
        Assert.Equal([file], Directory.GetFiles(_folder.FullName));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Theory]
    [InlineData("-")]
    [InlineData(null)]
    public async Task Rows_are_written_to_standard_output(string? file)
    {
        (int exitCode, string output, string error) = await Cli.RunAsync(
            ["export", "interactions", .. file is null ? (string[])[] : [file], "--server", _host.Url.AbsoluteUri]);

        Assert.True(exitCode == ExitCodes.Done, error);
        Assert.Equal(2, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.Contains("2 interactions exported", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_erasure_deletes_what_was_exported_before_it()
    {
        JobResponse job = await _client.StartJobAsync(new JobRequest { Kind = "export", Parameters = new() { ["what"] = Text("users") } }, Cancel);
        job = await _client.WaitForJobAsync(job.Id, cancellationToken: Cancel);
        await using (Stream rows = await _client.OpenJobResultAsync(job.Id, Cancel))
        {
            using StreamReader reader = new(rows);
            Assert.Contains("ada", await reader.ReadToEndAsync(Cancel), StringComparison.Ordinal);
        }

        ErasureResponse erased = await _client.EraseUserAsync("ada", Cancel);
        using HttpClient http = new() { BaseAddress = _host.Url };
        string receipt;
        do
        {
            receipt = await http.GetStringAsync(new Uri($"/v1/erasures/{Uri.EscapeDataString(erased.Receipt)}", UriKind.Relative), Cancel);
        }
        while (!receipt.Contains("\"done\"", StringComparison.Ordinal));

        Assert.Contains("job results", receipt, StringComparison.Ordinal);
        RecSysException gone = await Assert.ThrowsAsync<RecSysException>(() => _client.OpenJobResultAsync(job.Id, Cancel));
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
        Assert.Empty(Directory.GetFiles(_data.Files.Results));
    }

    [Fact]
    public async Task A_file_of_a_data_folder_is_not_overwritten()
    {
        (int exitCode, _, string error) = await Cli.RunAsync("export", "users", _data.Files.Log, "--server", _host.Url.AbsoluteUri);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("is a file of a data folder", error, StringComparison.Ordinal);
    }

    private static System.Text.Json.JsonElement Text(string text) => System.Text.Json.JsonElement.Parse($"\"{text}\"");
}

using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace RecSys.Cli.Tests;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task Without_a_terminal_progress_is_a_line_every_ten_seconds()
    {
        int result = await RunAsync(isErrorRedirected: true, report =>
        {
            for (int second = 0; second < 25; second++)
            {
                report(second / 25.0, $"row {second}");
                _time.Advance(TimeSpan.FromSeconds(1));
            }
        });

        Assert.Equal(7, result);
        Assert.Equal(["importing: 40 % row 10", "importing: 80 % row 20", ""], _error.ToString().Split(Environment.NewLine));
    }

    [Fact]
    public async Task Progress_is_shown_unformatted_and_only_on_standard_error()
    {
        int result = await RunAsync(isErrorRedirected: false, report => report(0.5, "part [red]1"));

        Assert.Equal(7, result);
        Assert.Contains("importing: part [red]1", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_output.ToString());
    }

    private Task<int> RunAsync(bool isErrorRedirected, Action<Action<double, string>> job) =>
        ProgressLine.RunAsync(
            new Terminal(_output, _error, isOutputRedirected: true, isErrorRedirected),
            _time,
            "importing",
            report =>
            {
                job(report);
                return Task.FromResult(7);
            });
}

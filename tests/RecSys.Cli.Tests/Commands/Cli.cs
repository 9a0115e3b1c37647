namespace RecSys.Cli.Tests.Commands;

/// <summary>Runs a command in this process and returns its output.</summary>
internal static class Cli
{
    public static async Task<(int ExitCode, string Out, string Error)> RunAsync(params string[] args)
    {
        StringWriter output = new();
        StringWriter error = new();
        int exitCode = await CommandLine.RunAsync(args, new Terminal(output, error, isOutputRedirected: true, isErrorRedirected: true), TimeProvider.System);
        return (exitCode, output.ToString(), error.ToString());
    }
}

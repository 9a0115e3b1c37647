using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using RecSys.Actors;
using RecSys.Cli.Settings;
using Xunit;

namespace RecSys.Cli.Tests.Settings;

/// <summary>The files in deploy/ name only settings and options that exist.</summary>
public sealed partial class DeployedFilesTests
{
    private const string Serve = "serve";

    [Theory]
    [InlineData("recsys.env")]
    [InlineData("compose.yaml")]
    public void Every_setting_exists_and_has_an_accepted_value(string file)
    {
        Dictionary<string, string?> settings = [];
        foreach (Match setting in Setting().Matches(Read(file)))
        {
            settings[setting.Groups["name"].Value.Replace("__", ":", StringComparison.Ordinal)] = setting.Groups["value"].Value.Trim('"');
        }

        Assert.Contains($"{ActorsOptions.Section}:host", settings.Keys);
        Assert.Contains($"{ActorsOptions.Section}:join:2", settings.Keys);
        SettingsCheck.Require(new ConfigurationBuilder().AddInMemoryCollection(settings).Build());
    }

    [Theory]
    [InlineData("recsys.service")]
    [InlineData("compose.yaml")]
    public async Task Every_option_of_a_command_exists(string file)
    {
        (_, string help, _) = await Commands.Cli.RunAsync(Serve, "--help");

        Match[] options = [.. Read(file).Split('\n').Where(line => ServeLine().IsMatch(line)).SelectMany(line => Option().Matches(line))];
        Assert.NotEmpty(options);
        Assert.All(
            options,
            option => Assert.Contains($" {option.Value} ", help, StringComparison.Ordinal));
    }

    [Fact]
    public void The_service_starts_again_after_a_removal_and_not_after_a_drain_or_wrong_settings()
    {
        string[] lines = Read("recsys.service").Split('\n');

        Assert.Contains("Restart=on-failure", lines); // exit codes other than 0, the one of a drained node
        Assert.Contains($"RestartPreventExitStatus={ExitCodes.WrongUsage}", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("SuccessExitStatus", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith("ExecStart=", StringComparison.Ordinal) && line.Contains(" serve --data ", StringComparison.Ordinal));
    }

    private static string Read(string file) => File.ReadAllText(Path.Combine(Root(), "deploy", file));

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "RecSys.sln")))
        {
            folder = folder.Parent;
        }

        return folder.FullName;
    }

    [GeneratedRegex("(?<name>recsys__[A-Za-z0-9_]+)(: |=)(?<value>[^ ,}\\n]+)")]
    private static partial Regex Setting();

    [GeneratedRegex("^(ExecStart=| *command:).*\\bserve\\b")]
    private static partial Regex ServeLine();

    [GeneratedRegex("--[a-z-]+")]
    private static partial Regex Option();
}

using Xunit;

namespace RecSys.Cli.Tests.Commands;

public sealed class UsageTests
{
    public static TheoryData<string> CommandsOfTheProgram =>
    [
        "play", "serve", "import", "export", "train", "evaluate", "recommend", "similar", "trending", "explain", "rebuild", "erase", "doctor",
        "models list", "models show", "models promote", "models rollback", "cluster status", "cluster shards", "cluster lag", "cluster drain", "bench ingest", "bench serve", "bench overload", "bench train", "bench profiles", "bench cluster",
    ];

    [Theory]
    [MemberData(nameof(CommandsOfTheProgram))]
    public async Task Every_command_has_help_with_an_example(string command)
    {
        (int exitCode, string output, _) = await Cli.RunAsync([.. command.Split(' '), "--help"]);

        Assert.Equal(ExitCodes.Done, exitCode);
        Assert.Contains("Example:", output, StringComparison.Ordinal);
        Assert.Contains($"recsys {command}", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "serve", "recsys play")]
    [InlineData("models", "rollback", "recsys models list")]
    [InlineData("cluster", "drain", "recsys cluster status")]
    public async Task Without_a_command_the_commands_are_listed(string line, string command, string example)
    {
        (int exitCode, string output, string error) = await Cli.RunAsync(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));

        Assert.Equal(ExitCodes.Done, exitCode);
        Assert.Empty(error);
        Assert.Contains(example, output, StringComparison.Ordinal);
        Assert.Contains($"  {command} ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense", "nonsense")]
    [InlineData("recommend", "argument")]
    [InlineData("recommend 42 --count many", "many")]
    [InlineData("recommend 42 --server nowhere", "nowhere")]
    [InlineData("import things file.csv", "things")]
    [InlineData("import items file.csv --format xml", "xml")]
    [InlineData("bench ingest --rate 0", "--rate")]
    [InlineData("bench cluster", "--log kafka://HOST:PORT and --store postgres://")]
    [InlineData("bench cluster --log kafka://127.0.0.1:9 --store postgres://a@127.0.0.1:9/b --records 100000001", "--records")]
    [InlineData("rebuild everything", "everything")]
    [InlineData("export everything", "everything")]
    [InlineData("evaluate --split sideways", "sideways")]
    [InlineData("evaluate --split a.txt,b.txt --server http://127.0.0.1:9", "--server")]
    [InlineData("evaluate --split a.txt,b.txt --metrics luck@10", "luck@10")]
    [InlineData("evaluate --questions none", "--questions")]
    [InlineData("evaluate --metrics ndcg@101", "at most 100")]
    [InlineData("evaluate --history h.txt", "--history: needs --acts or --split TRAIN,TEST")]
    [InlineData("evaluate --acts a.txt --history h.txt", "--history: needs --split TRAIN,TEST")]
    [InlineData("evaluate --acts a.txt --as-user", "--as-user: needs --prefixes")]
    [InlineData("evaluate --acts a.txt --split b.txt,c.txt", "--acts")]
    [InlineData("evaluate --acts a.txt --step 0", "--step")]
    [InlineData("serve --listen 4053", "--listen has '4053' instead of HOST:PORT")]
    [InlineData("serve --listen 0.0.0.0:4053", "which other nodes cannot reach")]
    [InlineData("serve --join 10.0.0.7:4053,10.0.0.8", "--join has '10.0.0.8' instead of HOST:PORT")]
    [InlineData("serve --bind 0.0.0.0", "--bind requires --listen")]
    [InlineData("recommend .", "USER must not be '.'")]
    [InlineData("recommend ", "USER must not be empty")]
    [InlineData("similar ..", "ITEM must not be '.'")]
    [InlineData("explain 42 ", "ITEM must not be empty")]
    [InlineData("erase --yes ", "USER must not be empty")]
    [InlineData("models show ", "VERSION must not be empty")]
    [InlineData("cluster drain ", "NODE must not be empty")]
    public async Task Wrong_usage_is_one_line_with_the_problem(string line, string named)
    {
        (int exitCode, string output, string error) = await Cli.RunAsync(line.Split(' '));

        Assert.Equal(ExitCodes.WrongUsage, exitCode);
        Assert.Empty(output);
        Assert.StartsWith("recsys: ", error, StringComparison.Ordinal);
        Assert.Contains(named, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("recomend 42", "did you mean recommend?")]
    [InlineData("recommend 42 --cuont 5", "did you mean --count?")]
    [InlineData("models lits", "did you mean list?")]
    [InlineData("cluster stauts", "did you mean status?")]
    public async Task A_misspelt_name_is_answered_with_the_nearest_valid_one(string line, string suggestion)
    {
        (int exitCode, _, string error) = await Cli.RunAsync(line.Split(' '));

        Assert.Equal(ExitCodes.WrongUsage, exitCode);
        Assert.Contains(suggestion, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("recommend 42 --nonsense")]
    public async Task A_word_without_a_similar_name_gets_no_suggestion(string line)
    {
        (_, _, string error) = await Cli.RunAsync(line.Split(' '));

        Assert.DoesNotContain("did you mean", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("recommend 42")]
    [InlineData("similar 42")]
    [InlineData("trending")]
    [InlineData("explain 42 1")]
    [InlineData("models list")]
    [InlineData("models promote 20260504-143201-1")]
    [InlineData("train")]
    [InlineData("evaluate")]
    [InlineData("rebuild")]
    [InlineData("erase 42 --yes")]
    [InlineData("export users")]
    [InlineData("doctor")]
    public async Task A_command_on_a_folder_that_does_not_exist_creates_nothing(string line)
    {
        using TestKit.DataFolder parent = new();
        string missing = Path.Combine(parent.Path, "shop");

        (int exitCode, string output, string error) = await Cli.RunAsync([.. line.Split(' '), "--data", missing]);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains($"{missing}", output + error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(missing));
        Assert.Empty(Directory.EnumerateFileSystemEntries(parent.Path));
    }

    [Fact]
    public async Task A_read_command_on_an_empty_folder_creates_no_file()
    {
        using TestKit.DataFolder folder = new();

        (int exitCode, _, string error) = await Cli.RunAsync("trending", "--data", folder.Path);

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains("has no data of RecSys", error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder.Path));
    }

    [Theory]
    [InlineData("import items no-such-file.csv", "no-such-file.csv: no such file")]
    [InlineData("evaluate --split a.txt,b.txt", "a.txt: no such file")]
    [InlineData("export users no-such-folder/users.jsonl", "does not exist")]
    [InlineData("export users /dev/null", "is a device")]
    [InlineData("bench serve --data no-such-folder", "is not a data folder")]
    [InlineData("bench cluster --log kafka://127.0.0.1:9 --store postgres://a@127.0.0.1:9/b", "127.0.0.1:9")]
    [InlineData("recommend 42 --server http://127.0.0.1:9", "127.0.0.1:9")]
    public async Task A_failure_is_one_line_with_the_reason(string line, string why)
    {
        (int exitCode, _, string error) = await Cli.RunAsync(line.Split(' '));

        Assert.Equal(ExitCodes.Failed, exitCode);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }
}

using RecSys.Kafka;

namespace RecSys.Cli.Hosting;

/// <summary>The names and places of an installation's files in its data folder.</summary>
internal sealed class InstallationFiles(string folder)
{
    /// <summary>Gets the data folder's full path.</summary>
    public string Folder { get; } = Path.GetFullPath(folder);

    /// <summary>Gets the interaction log, from which the states and the models can be rebuilt.</summary>
    public string Log => In("log.db");

    /// <summary>Gets the identity of the topic, if the log is on Kafka.</summary>
    public string KafkaLog => In(KafkaLogIdentity.FileName);

    /// <summary>Gets the states of actors.</summary>
    public string States => In("state.db");

    /// <summary>Gets the shown slates.</summary>
    public string Impressions => In("impressions.db");

    /// <summary>Gets the models.</summary>
    public string Models => In("models");

    /// <summary>Gets the states of the node's folds.</summary>
    public string Folds => In("folds");

    /// <summary>Gets the results of jobs, until they are fetched.</summary>
    public string Results => In("results");

    /// <summary>Gets the settings file of this installation; it may be absent.</summary>
    public string Settings => In("appsettings.json");

    /// <summary>Gets the address of the process that uses the folder.</summary>
    public string ServerFile => In("server.json");

    /// <summary>Returns the existing files of a database, including those of its write-ahead log.</summary>
    public static IEnumerable<string> PartsOf(string database) =>
        new[] { database, database + "-wal", database + "-shm" }.Where(File.Exists);

    /// <summary>Returns the saved states of folds.</summary>
    public IReadOnlyList<string> FoldFiles() => FilesIn(Folds, "*.fold");

    /// <summary>Returns the path of a fold's saved state; the file may be absent.</summary>
    public string FoldOf(string name) => Path.Combine(Folds, $"{name}.fold");

    /// <summary>Returns the files of the models and their aliases.</summary>
    public IReadOnlyList<string> ModelFiles() => [.. FilesIn(Models, "*.model"), .. FilesIn(Models, "*.alias")];

    /// <summary>Returns whether the folder contains any of an installation's data; settings alone do not count.</summary>
    public bool HoldsAny() =>
        new[] { Log, States, Impressions, ServerFile }.Any(File.Exists) || new[] { Models, Folds }.Any(Directory.Exists);

    private string In(string name) => Path.Combine(Folder, name);

    private static string[] FilesIn(string folder, string pattern) =>
        Directory.Exists(folder) ? [.. Directory.EnumerateFiles(folder, pattern).Order(StringComparer.Ordinal)] : [];
}

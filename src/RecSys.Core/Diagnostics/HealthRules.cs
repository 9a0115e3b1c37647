using System.Globalization;
using RecSys.Core.Log;
using RecSys.Core.Models;

namespace RecSys.Core.Diagnostics;

/// <summary>Judges measured figures of an installation.</summary>
public static class HealthRules
{
    /// <summary>Free space on the disk below which the verdict is bad, in bytes.</summary>
    public const long FreeBytesMin = 1L << 30;

    /// <summary>The largest number of bytes on disk per record, in the log, the states and the folds together.</summary>
    public const long DiskBytesPerRecord = 250;

    /// <summary>The smallest limit of open files with which a server starts; an idle server has about 300 files open.</summary>
    public const long OpenFilesMin = 512;

    /// <summary>The limit of open files that suffices for the default largest number of connections.</summary>
    public const long OpenFilesGood = 5_120;

    /// <summary>The memory of a server with no data, in bytes.</summary>
    public const long MemoryBytesMin = 400L << 20;

    /// <summary>The memory that a record of the log takes while a model is trained, in bytes.</summary>
    public const long MemoryBytesPerRecord = 48;

    /// <summary>The memory of a loaded fold, as a multiple of the bytes of its saved form.</summary>
    public const long MemoryPerFoldByte = 4;

    /// <summary>Lag of the speed layer behind the log above which the verdict is bad, in milliseconds.</summary>
    public const double LagMsMax = 10_000;

    /// <summary>The longest time by which a record may be ahead of the clock.</summary>
    public static readonly TimeSpan SkewMax = TimeSpan.FromMinutes(1);

    /// <summary>A clock before this time is wrong, because the program did not exist yet.</summary>
    public static readonly DateTimeOffset ClockMin = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>Age of a model above which the verdict is a note.</summary>
    public static readonly TimeSpan ModelAgeMax = TimeSpan.FromHours(1);

    /// <summary>Judges the free space on the disk.</summary>
    public static HealthFinding Disk(string folder, long freeBytes) =>
        freeBytes < FreeBytesMin
            ? Bad("disk", $"{Size(freeBytes)} are free for {folder}: the log refuses interactions when the disk is full", "free disk space, or move the folder to a larger disk")
            : Good("disk", string.Create(CultureInfo.InvariantCulture, $"{Size(freeBytes)} are free for {folder}: room for about {freeBytes / DiskBytesPerRecord / 1_000_000:N0} million records"));

    /// <summary>Judges how many files the process may have open.</summary>
    /// <param name="limit">The soft limit; null if the system has none that can be read.</param>
    public static HealthFinding OpenFiles(long? limit) => limit switch
    {
        null => Good("open files", "the system reports no limit"),
        < OpenFilesMin => Bad("open files", $"a process may open {limit} files; {OpenFilesMin} are needed", $"ulimit -n {OpenFilesGood}"),
        < OpenFilesGood => new("open files", HealthVerdict.Note, $"a process may open {limit} files: fewer connections are allowed than by default") { Command = $"ulimit -n {OpenFilesGood}" },
        _ => Good("open files", string.Create(CultureInfo.InvariantCulture, $"a process may open {limit:N0} files")),
    };

    /// <summary>Judges the machine's clock.</summary>
    /// <param name="now">The clock's time.</param>
    /// <param name="newest">When the log's newest record was appended; null if unknown.</param>
    public static HealthFinding Clock(DateTimeOffset now, DateTimeOffset? newest) =>
        now < ClockMin
            ? Bad("clock", $"the clock shows {now:u}, a time before this program was built: trends and models would decay wrongly", "timedatectl set-ntp true")
            : newest - now > SkewMax
                ? Bad(
                    "clock",
                    $"the clock shows {now:u}, but the newest record was appended at {newest:u}: the clock was set back, or was ahead",
                    "timedatectl set-ntp true")
                : Good("clock", newest is null ? $"{now:u}" : $"{now:u}; the newest record was appended at {newest:u}");

    /// <summary>Judges whether the memory suffices for the data.</summary>
    /// <param name="records">The log's records.</param>
    /// <param name="foldBytes">The bytes of the saved folds.</param>
    /// <param name="modelBytes">The bytes of the served models.</param>
    /// <param name="availableBytes">The memory of the machine, or the container's limit.</param>
    public static HealthFinding Memory(long records, long foldBytes, long modelBytes, long availableBytes)
    {
        long needed = MemoryBytesMin + (records * MemoryBytesPerRecord) + (foldBytes * MemoryPerFoldByte) + modelBytes;
        string found = $"about {Size(needed)} are needed for the data, including training; {Size(availableBytes)} are available";
        return needed > availableBytes
            ? Bad("memory", found, "give the machine or the container more memory")
            : needed > availableBytes / 2
                ? new("memory", HealthVerdict.Note, found)
                : Good("memory", found);
    }

    /// <summary>Judges whether other users of the machine can read the files.</summary>
    /// <param name="folder">The data folder.</param>
    /// <param name="isFolderOpen">Whether other users may list the folder.</param>
    /// <param name="openFiles">The names of the files in it that other users may read.</param>
    public static HealthFinding Permissions(string folder, bool isFolderOpen, IReadOnlyList<string> openFiles)
    {
        ArgumentNullException.ThrowIfNull(openFiles);
        return openFiles.Count > 0
            ? Bad("permissions", $"other users of this machine can read {string.Join(", ", openFiles)}", $"chmod -R go= {folder}")
            : isFolderOpen
                ? new("permissions", HealthVerdict.Note, $"other users of this machine can list {folder}, but not read its files") { Command = $"chmod 700 {folder}" }
                : Good("permissions", "only this user can read the files");
    }

    /// <summary>Judges the lag of the speed layer.</summary>
    /// <param name="lagMs">The age of the oldest record that the speed layer has not read, in milliseconds.</param>
    /// <param name="fault">The reason why the speed layer stopped permanently; null while it runs.</param>
    public static HealthFinding SpeedLayer(double lagMs, string? fault) =>
        fault is not null
            ? Bad("speed layer", fault, "recsys rebuild")
            : lagMs < LagMsMax
                ? Good("speed layer", string.Create(CultureInfo.InvariantCulture, $"{lagMs:0} ms behind the log"))
                : Bad("speed layer", string.Create(CultureInfo.InvariantCulture, $"{lagMs / 1_000:0} s behind the log"), "reduce the rate of interactions, or use a faster machine");

    /// <summary>Judges the log.</summary>
    /// <param name="records">Number of records.</param>
    /// <param name="damaged">Number of records known to be damaged.</param>
    /// <param name="damage">The damage found by reading the whole file; null if the file was not read or is undamaged.</param>
    /// <param name="first">The first damaged place; null if unknown.</param>
    public static HealthFinding Log(long records, long damaged, string? damage, string? first = null) =>
        damage is not null || damaged > 0
            ? Bad(
                "log",
                damage ?? string.Create(CultureInfo.InvariantCulture, $"{damaged:N0} of {records:N0} records are damaged{(first is null ? "" : $", first at {first}")}; readers skip them"),
                "back up the remaining records (recsys backup), check the disk, and restore the newest backup from before the damage")
            : records == 0
                ? new("log", HealthVerdict.Note, "empty") { Command = "recsys import" }
                : Good("log", string.Create(CultureInfo.InvariantCulture, $"{records:N0} records"));

    /// <summary>Judges folds of a node that lack records, because retention removed them before the node had read them.</summary>
    /// <param name="removed">The removed records, one or more.</param>
    /// <param name="folder">The folder of the folds.</param>
    public static HealthFinding FoldsWithout(RemovedRecords removed, string folder)
    {
        ArgumentNullException.ThrowIfNull(removed);
        RemovedRecords.Place first = removed.Places[0];
        return Bad(
            "removed records",
            string.Create(
                CultureInfo.InvariantCulture,
                $"retention removed {removed.Count:N0} records of the log before {string.Join(", ", removed.Places.Select(place => place.Fold).Distinct())} of this node had read them, first those of partition {first.Partition} from offset {first.From} to {first.To - 1}"),
            $"stop this node, and copy {folder} from a node without this finding; or import the items again (catalogue), and run recsys rebuild trends --accept-loss (trends)");
    }

    /// <summary>Judges a log that contains records of erased persons again.</summary>
    /// <param name="records">Number of such records.</param>
    /// <param name="erasures">The file that stores the position of the erasures.</param>
    public static HealthFinding Unerased(long records, string erasures) => Bad(
        "log",
        string.Create(CultureInfo.InvariantCulture, $"{records:N0} records of erased persons are in the log again: the file was replaced by an older copy"),
        $"stop the server, delete {erasures}, and start it: it then repeats all erasures of the log");

    /// <summary>Judges the served model.</summary>
    /// <param name="fallback">Why the champion is not served; null if it is, or if there is none.</param>
    /// <param name="version">Version of the served model; null if none is served.</param>
    /// <param name="age">Age of the served model.</param>
    public static HealthFinding Model(ModelFallback? fallback, string? version, TimeSpan age) =>
        fallback is not null ? Bad("model", fallback.ToString(), fallback.Served is { } served ? $"recsys models promote {served}" : "recsys train")
        : version is null
            ? new("model", HealthVerdict.Note, "none is served: slates come from co-visits, trends and content") { Command = "recsys train" }
            : age > ModelAgeMax
                ? new("model", HealthVerdict.Note, string.Create(CultureInfo.InvariantCulture, $"{version}, {age.TotalMinutes:0} min old; a server trains the next one when there are new records"))
                : Good("model", string.Create(CultureInfo.InvariantCulture, $"{version}, {age.TotalMinutes:0} min old"));

    private static string Size(long bytes) => bytes < 10L << 30
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes >> 20:N0} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes >> 30:N0} GB");

    private static HealthFinding Good(string check, string found) => new(check, HealthVerdict.Good, found);

    private static HealthFinding Bad(string check, string found, string command) => new(check, HealthVerdict.Bad, found) { Command = command };
}

using System.Text;
using RecSys.Eng.Servers;

namespace RecSys.Eng.Damage;

/// <summary>A damage of one file of a data folder.</summary>
/// <param name="File">The file, by its path in the folder; model files by their part.</param>
/// <param name="Damage">The damage in words.</param>
/// <param name="Apply">Damages a folder.</param>
/// <param name="IsWhileRunning">Whether a server runs on the folder during the damage.</param>
internal sealed record DamageCase(string File, string Damage, Action<string> Apply, bool IsWhileRunning = false)
{
    private const int GarbageSeed = 7;
    private const byte Flip = 0x20;

    // Files of at most this size get no flips of bytes in their middle: their first and last bytes suffice.
    private const int SmallBytes = 256;

    /// <summary>Gets the file by its role: a model's or an alias's own name differs from run to run.</summary>
    public string Title { get; init; } = File;

    /// <summary>Returns all cases of an installation.</summary>
    public static IEnumerable<DamageCase> Of(Installation here, Installation other)
    {
        string[] models = [.. Folders.Files(here.Newer).Where(file => file.EndsWith(".model", StringComparison.Ordinal)).OrderDescending(StringComparer.Ordinal)];
        foreach (string file in Folders.Files(here.Newer).Where(file => !file.EndsWith("-shm", StringComparison.Ordinal)))
        {
            string title = file == models[0] ? "models/(champion).model" : models.Contains(file) ? "models/(previous).model" : file;
            foreach (DamageCase damage in OfFile(file, here, other))
            {
                yield return damage with { Title = title };
            }
        }

        foreach (string database in (string[])["log.db", "state.db", "impressions.db"])
        {
            yield return new(database, "deleted with its write-ahead log", folder => DeleteDatabase(folder, database));
            yield return new(database, "replaced by an older copy, its write-ahead log gone", folder => ReplaceDatabase(folder, database, here.Older));
            yield return new(database, "replaced by another installation's, with its write-ahead log", folder => ReplaceDatabase(folder, database, other.Newer));
        }

        foreach (string folderName in (string[])["folds", "models"])
        {
            yield return new($"{folderName}/", "deleted", folder => Directory.Delete(Path.Combine(folder, folderName), recursive: true));
            yield return new($"{folderName}/", "replaced by an older copy", folder => ReplaceFolder(folder, folderName, here.Older));
            yield return new($"{folderName}/", "replaced by another installation's", folder => ReplaceFolder(folder, folderName, other.Newer));
        }

        yield return new("all but log.db", "replaced by an older copy", folder =>
        {
            ReplaceDatabase(folder, "state.db", here.Older);
            ReplaceDatabase(folder, "impressions.db", here.Older);
            ReplaceFolder(folder, "folds", here.Older);
            ReplaceFolder(folder, "models", here.Older);
        });
        yield return new("all but log.db", "deleted", folder =>
        {
            DeleteDatabase(folder, "state.db");
            DeleteDatabase(folder, "impressions.db");
            Directory.Delete(Path.Combine(folder, "folds"), recursive: true);
            Directory.Delete(Path.Combine(folder, "models"), recursive: true);
        });

        yield return new("log.db", "deleted while the server runs", folder => System.IO.File.Delete(Path.Combine(folder, "log.db")), IsWhileRunning: true);
        yield return new("state.db", "deleted while the server runs", folder => System.IO.File.Delete(Path.Combine(folder, "state.db")), IsWhileRunning: true);
        yield return new("state.db", "a byte flipped in the middle while the server runs", folder => FlipAt(folder, "state.db", length => length / 2), IsWhileRunning: true);
        yield return new("folds/trends.fold", "garbage while the server runs", folder => Garbage(folder, "folds/trends.fold"), IsWhileRunning: true);
        yield return new("folds/", "deleted while the server runs", folder => Directory.Delete(Path.Combine(folder, "folds"), recursive: true), IsWhileRunning: true);
        yield return new("models/", "deleted while the server runs", folder => Directory.Delete(Path.Combine(folder, "models"), recursive: true), IsWhileRunning: true);
        yield return new("lock", "deleted while the server runs", folder => System.IO.File.Delete(Path.Combine(folder, "lock")), IsWhileRunning: true);
    }

    private static IEnumerable<DamageCase> OfFile(string file, Installation here, Installation other)
    {
        long size = new FileInfo(Path.Combine(here.Newer, file)).Length;
        yield return new(file, "first byte flipped", folder => FlipAt(folder, file, _ => 0));
        if (size > SmallBytes)
        {
            yield return new(file, "a byte flipped at a third", folder => FlipAt(folder, file, length => length / 3));
            yield return new(file, "a byte flipped in the middle", folder => FlipAt(folder, file, length => length / 2));
        }

        yield return new(file, "last byte flipped", folder => FlipAt(folder, file, length => length - 1));
        foreach (string mark in (string[])[here.MarkedInteraction, here.NewerMarkedInteraction])
        {
            if (Folders.Read(Path.Combine(here.Newer, file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(mark)) >= 0)
            {
                string which = mark == here.MarkedInteraction ? "an older" : "a newer";
                yield return new(file, $"a byte flipped inside {which} interaction", folder => FlipInside(folder, file, mark));
            }
        }

        yield return new(file, "truncated to half", folder => Truncate(folder, file, length => length / 2));
        yield return new(file, "truncated to nothing", folder => Truncate(folder, file, _ => 0));
        if (file != "appsettings.json")
        {
            yield return new(file, "deleted", folder => System.IO.File.Delete(Path.Combine(folder, file)));
        }

        if (System.IO.File.Exists(Path.Combine(here.Older, file)) && !file.EndsWith(".model", StringComparison.Ordinal) && file is not ("lock" or "appsettings.json"))
        {
            yield return new(file, "replaced by an older copy, all else kept", folder => Replace(folder, file, Path.Combine(here.Older, file)));
        }

        string others = file.EndsWith(".model", StringComparison.Ordinal)
            ? Folders.Files(other.Newer).Last(name => name.EndsWith(".model", StringComparison.Ordinal))
            : file;
        if (System.IO.File.Exists(Path.Combine(other.Newer, others)) && file is not ("lock" or "appsettings.json"))
        {
            yield return new(file, "replaced by another installation's, all else kept", folder => Replace(folder, file, Path.Combine(other.Newer, others)));
        }

        yield return new(file, "replaced by garbage", folder => Garbage(folder, file));
        yield return new(file, "a folder in its place", folder =>
        {
            System.IO.File.Delete(Path.Combine(folder, file));
            Directory.CreateDirectory(Path.Combine(folder, file));
        });
    }

    private static void FlipAt(string folder, string file, Func<long, long> place)
    {
        using FileStream stream = Open(folder, file);
        if (stream.Length == 0)
        {
            return;
        }

        stream.Position = place(stream.Length);
        int value = stream.ReadByte();
        stream.Position--;
        stream.WriteByte((byte)(value ^ Flip));
    }

    private static void FlipInside(string folder, string file, string text)
    {
        int at = Folders.Read(Path.Combine(folder, file)).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text));
        FlipAt(folder, file, _ => at + 1);
    }

    private static void Truncate(string folder, string file, Func<long, long> length)
    {
        using FileStream stream = Open(folder, file);
        stream.SetLength(length(stream.Length));
    }

    private static void Garbage(string folder, string file)
    {
        byte[] bytes = new byte[5_000];
        new Random(GarbageSeed).NextBytes(bytes);
        System.IO.File.WriteAllBytes(Path.Combine(folder, file), bytes);
    }

    private static void Replace(string folder, string file, string by) => System.IO.File.Copy(by, Path.Combine(folder, file), overwrite: true);

    private static void DeleteDatabase(string folder, string database)
    {
        foreach (string suffix in (string[])["", "-wal", "-shm"])
        {
            System.IO.File.Delete(Path.Combine(folder, database + suffix));
        }
    }

    private static void ReplaceDatabase(string folder, string database, string from)
    {
        DeleteDatabase(folder, database);
        foreach (string suffix in (string[])["", "-wal"])
        {
            if (System.IO.File.Exists(Path.Combine(from, database + suffix)))
            {
                System.IO.File.Copy(Path.Combine(from, database + suffix), Path.Combine(folder, database + suffix));
            }
        }
    }

    private static void ReplaceFolder(string folder, string name, string from)
    {
        Directory.Delete(Path.Combine(folder, name), recursive: true);
        Folders.Copy(Path.Combine(from, name), Path.Combine(folder, name));
    }

    private static FileStream Open(string folder, string file) =>
        new(Path.Combine(folder, file), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
}

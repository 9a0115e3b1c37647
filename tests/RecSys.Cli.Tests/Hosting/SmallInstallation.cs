using System.Text;
using Microsoft.Extensions.Time.Testing;
using RecSys.Cli.Hosting;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Files;
using RecSys.Sqlite;
using Xunit;

namespace RecSys.Cli.Tests.Hosting;

/// <summary>An installation with records in its log and a state, as after the stop of a server.</summary>
internal sealed class SmallInstallation : IDisposable
{
    private readonly TestKit.DataFolder _folder = new();

    public SmallInstallation() => Files = new InstallationFiles(_folder.Path);

    public static DateTimeOffset Now { get; } = new(2026, 5, 4, 14, 32, 1, TimeSpan.Zero);

    public InstallationFiles Files { get; }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Creates an installation with records.</summary>
    public static async Task<SmallInstallation> UsedAsync(int records = 3)
    {
        SmallInstallation made = new();
        made.Prepare();
        await made.AppendAsync(records);
        return made;
    }

    public IReadOnlyList<string> Prepare(bool rebuild = false, bool acceptDamage = false) =>
        Installation.PrepareAsync(Files, rebuild, acceptDamage, Now, Cancel).GetAwaiter().GetResult();

    public string Refusal(bool rebuild = false) => Assert.Throws<CommandException>(() => Prepare(rebuild)).Message;

    /// <summary>Changes a byte of the newest record that contains a text, in the log's file.</summary>
    public void DamageLog(string text)
    {
        byte[] bytes = File.ReadAllBytes(Files.Log);
        int at = bytes.AsSpan().LastIndexOf(Encoding.ASCII.GetBytes(text));
        Assert.True(at >= 0, $"the log does not contain {text}");
        bytes[at] ^= 0xFF;
        File.WriteAllBytes(Files.Log, bytes);
    }

    /// <summary>Opens the models and aliases, as a server does.</summary>
    public async Task WithModelsAsync(Func<FileModelStore, IControlStore, Task> use)
    {
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = Files.Log }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(Files.Log)), TimeProvider.System);
        using SqliteControlStore control = new(log);
        using FileModelStore store = new(Files.Models, control, TimeProvider.System);
        await use(store, control);
    }

    /// <summary>Changes the row of an alias.</summary>
    public Task DamageAliasAsync(string alias, Func<byte[], byte[]?> change) => WithModelsAsync(async (_, control) =>
    {
        ControlRow row = (await control.GetAsync($"model/alias/{alias}", Cancel))!;
        Assert.True(change(row.Value.ToArray()) is { } value
            ? await control.TrySetAsync(row.Key, row.Version, value, Cancel) is not null
            : await control.TryDeleteAsync(row.Key, row.Version, Cancel));
    });

    /// <summary>Appends clicks of ada, and saves a state after them.</summary>
    /// <param name="records">Number of clicks.</param>
    /// <param name="at">Time of the append; now if none is given.</param>
    public async Task AppendAsync(int records, DateTimeOffset? at = null)
    {
        TimeProvider time = at is { } fixedTime ? new FakeTimeProvider(fixedTime) : TimeProvider.System;
        OwnerHash owners = SqliteInstallation.OpenOwnerHash(Files.Log);
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = Files.Log }, new LogRecordCodec(owners), time);
        await log.AppendAsync(
            [.. Enumerable.Range(0, records).Select(record => new LogRecord.Interaction(new UserId("ada"), new ItemId("tea"), "click", record))], Cancel);
        await using SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = Files.States }, () => log.Mark);
        long revision = await table.LoadAsync("state-of-ada", Cancel) is { } before ? before.Revision + 1 : 1;
        await table.SaveAsync([new SavedState("state-of-ada", revision, Encoding.ASCII.GetBytes($"{log.End} clicks"))], Cancel);
        await using SqliteImpressionLog impressions = SqliteImpressionLog.Open(
            new SqliteImpressionOptions { Path = Files.Impressions }, TimeProvider.System);
        new FileFoldStore(Files.Folds, owners.Installation, TimeProvider.System).Save("catalogue", new([1, 2, 3]));
    }

    public async Task EraseFromLogAsync(string user)
    {
        OwnerHash owners = SqliteInstallation.OpenOwnerHash(Files.Log);
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = Files.Log }, new LogRecordCodec(owners), TimeProvider.System);
        Assert.NotEqual(0, await log.EraseAsync(owners.Of(new UserId(user)), await log.GetEndAsync(Cancel), Cancel));
    }

    public async Task<long> LogEndAsync()
    {
        await using SqliteInteractionLog log = SqliteInteractionLog.Open(
            new SqliteLogOptions { Path = Files.Log }, new LogRecordCodec(SqliteInstallation.OpenOwnerHash(Files.Log)), TimeProvider.System);
        return log.End;
    }

    public async Task<SavedState?> StateAsync(string owner = "state-of-ada")
    {
        await using SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = Files.States });
        return await table.LoadAsync(owner, Cancel);
    }

    public async Task SaveAsync(SavedState state)
    {
        await using SqliteSnapshotTable table = SqliteSnapshotTable.Open(new SqliteSnapshotOptions { Path = Files.States });
        Assert.Equal([SaveOutcome.Saved], await table.SaveAsync([state], Cancel));
    }

    public void Dispose() => _folder.Dispose();
}

using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Postgres.Tests;

[Trait("Category", "Slow")]
public sealed class PostgresSnapshotTableTests(PostgresFixture fixture) : SnapshotTableContract, IAsyncLifetime
{
    private readonly TestSchema _schema = new(fixture.Server);

    public async ValueTask InitializeAsync() => await _schema.StartAsync(Cancel);

    public ValueTask DisposeAsync() => _schema.DisposeAsync();

    [Fact]
    public async Task A_repeat_within_a_group_saves_the_last_state_once()
    {
        ISnapshotTable table = Open();

        SaveOutcome[] outcomes = await table.SaveAsync(
            [new("ada", 1, new byte[] { 1 }), new("ada", 1, new byte[] { 1 }), new("ada", 1, new byte[] { 2 }), new("ada", 2, new byte[] { 3 }), new("ada", 2, new byte[] { 3 })], Cancel);

        Assert.Equal([SaveOutcome.Saved, SaveOutcome.Saved, SaveOutcome.Conflict, SaveOutcome.Saved, SaveOutcome.Saved], outcomes);
        Assert.Equal([3], (await Reopen().LoadAsync("ada", Cancel))?.State.ToArray());
    }

    [Fact]
    public async Task Of_writers_that_save_the_same_owners_in_opposite_orders_one_wins_each_revision()
    {
        const int Writers = 4;
        const int Revisions = 200;
        string[] owners = [.. Enumerable.Range(0, 20).Select(number => $"owner{number}")];
        ISnapshotTable[] tables = [.. Enumerable.Range(0, Writers).Select(_ => Reopen())];
        for (int revision = 1; revision <= Revisions; revision++)
        {
            SaveOutcome[][] outcomes = await Task.WhenAll(tables.Select((table, writer) => Task.Run(
                async () =>
                {
                    byte[] state = [(byte)writer, (byte)revision];
                    SavedState[] group = [.. owners.Select(owner => new SavedState(owner, revision, state))];
                    if (writer % 2 == 1)
                    {
                        Array.Reverse(group);
                    }

                    SaveOutcome[] saved = await table.SaveAsync(group, Cancel);
                    if (writer % 2 == 1)
                    {
                        Array.Reverse(saved);
                    }

                    return saved;
                },
                Cancel)));

            Assert.All(Enumerable.Range(0, owners.Length), owner => Assert.Single(outcomes, writer => writer[owner] == SaveOutcome.Saved));
        }

        foreach (string owner in owners)
        {
            Assert.Equal(Revisions, (await Open().LoadAsync(owner, Cancel))?.Revision);
        }
    }

    [Fact]
    public async Task A_group_over_the_size_of_a_statement_is_saved_whole()
    {
        byte[] large = new byte[3 << 20];
        SavedState[] group =
        [
            .. Enumerable.Range(0, 6).Select(number => new SavedState($"large{number}", 1, large)),
            .. Enumerable.Range(0, 2_500).Select(number => new SavedState($"small{number}", 1, new byte[] { 1 })),
        ];

        SaveOutcome[] outcomes = await Open().SaveAsync(group, Cancel);

        Assert.All(outcomes, outcome => Assert.Equal(SaveOutcome.Saved, outcome));
        Assert.Equal(2_506, await CountAsync());
    }

    [Fact]
    public async Task The_end_of_the_log_is_saved_with_each_group_and_forgotten_when_all_states_are_replaced()
    {
        PostgresStore store = _schema.Open();
        LogMark mark = new(7, RowSum: null);
        PostgresSnapshotTable table = new(store, () => mark);
        Assert.Null(await table.ReadLogMarkAsync(Cancel));

        await table.SaveAsync([new("ada", 1, new byte[] { 1 })], Cancel);
        mark = new LogMark(9, RowSum: -5);
        await table.SaveAsync([new("ada", 2, new byte[] { 1 })], Cancel);

        Assert.Equal(mark, await new PostgresSnapshotTable(_schema.Open()).ReadLogMarkAsync(Cancel));
        await using (ISnapshotReplacement replacement = await table.BeginReplacementAsync(Cancel))
        {
            await replacement.CommitAsync(Cancel);
        }

        Assert.Null(await table.ReadLogMarkAsync(Cancel));
    }

    [Fact]
    public async Task Another_node_cannot_begin_a_replacement_or_erase_while_one_is_open()
    {
        PostgresSnapshotTable one = new(_schema.Open());
        PostgresSnapshotTable other = new(_schema.Open());
        await using (ISnapshotReplacement replacement = await one.BeginReplacementAsync(Cancel))
        {
            await Assert.ThrowsAsync<InvalidOperationException>(async () => await other.BeginReplacementAsync(Cancel));
            await Assert.ThrowsAsync<StoreUnavailableException>(async () => await other.EraseAsync(default, LogPosition.Start, Cancel));
        }

        await other.EraseAsync(default, LogPosition.Start, Cancel);
    }

    [Fact]
    public async Task An_erasure_removes_the_table_that_a_crash_during_a_replacement_left()
    {
        await _schema.RunAsync("CREATE TABLE next_states(owner text, state bytea)", Cancel);

        await new PostgresSnapshotTable(_schema.Open()).EraseAsync(default, LogPosition.Start, Cancel);

        Assert.Equal(DBNull.Value, await _schema.RunAsync("SELECT to_regclass('next_states')::text", Cancel));
    }

    protected override ISnapshotTable Open() => new PostgresSnapshotTable(_schema.Open());

    protected override ISnapshotTable Reopen() => Open();

    protected override ISnapshotTable OpenWithQueueOf(int states) => new PostgresSnapshotTable(_schema.Open(options => options.QueueStatesMax = states));

    private async Task<int> CountAsync()
    {
        int count = 0;
        await foreach (SavedState state in Open().ReadAllAsync(Cancel))
        {
            count++;
        }

        return count;
    }
}

using Akka.Actor;
using Akka.Persistence;
using RecSys.Actors.Persistence;
using RecSys.Core.Ports;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests;

public sealed class SnapshotTableStoreTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_saved_state_is_loaded_by_the_next_actor()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();
        IActorRef store = StoreOf(running);

        object saved = await AskAsync(store, Save("ada", 1, 1, 2, 3));
        object loaded = await AskAsync(store, new LoadSnapshot("ada", SnapshotSelectionCriteria.Latest, long.MaxValue));

        Assert.IsType<SaveSnapshotSuccess>(saved);
        SelectedSnapshot snapshot = Assert.IsType<LoadSnapshotResult>(loaded).Snapshot;
        Assert.Equal(1, snapshot.Metadata.SequenceNr);
        Assert.Equal([1, 2, 3], Assert.IsType<byte[]>(snapshot.Snapshot));
    }

    [Fact]
    public async Task A_conflict_is_reported_and_does_not_change_the_row()
    {
        InMemorySnapshotTable table = new();
        await using RunningSystem running = await RunningSystem.StartAsync(table);
        IActorRef store = StoreOf(running);
        await AskAsync(store, Save("ada", 1, 1));
        await AskAsync(store, Save("ada", 2, 2));

        object late = await AskAsync(store, Save("ada", 2, 9));
        object again = await AskAsync(store, Save("ada", 3, 3));

        Assert.IsType<SnapshotConflictException>(Assert.IsType<SaveSnapshotFailure>(late).Cause);
        Assert.IsType<SaveSnapshotSuccess>(again);
        Assert.Equal([3], (await table.LoadAsync("ada", Cancel))?.State.ToArray());
    }

    [Fact]
    public async Task A_delete_does_not_change_the_row()
    {
        InMemorySnapshotTable table = new();
        await using RunningSystem running = await RunningSystem.StartAsync(table);
        IActorRef store = StoreOf(running);
        await AskAsync(store, Save("ada", 1, 1));

        object one = await AskAsync(store, new DeleteSnapshot(new SnapshotMetadata("ada", 1, DateTime.UnixEpoch)));
        object all = await AskAsync(store, new DeleteSnapshots("ada", SnapshotSelectionCriteria.Latest));

        Assert.IsType<DeleteSnapshotSuccess>(one);
        Assert.IsType<DeleteSnapshotsSuccess>(all);
        Assert.NotNull(await table.LoadAsync("ada", Cancel));
    }

    [Fact]
    public async Task Conflicts_do_not_make_the_store_unavailable()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();
        IActorRef store = StoreOf(running);
        for (int i = 0; i < 50; i++)
        {
            Assert.IsType<SaveSnapshotFailure>(await AskAsync(store, Save("ada", 7, 7)));
        }

        Assert.IsType<SaveSnapshotSuccess>(await AskAsync(store, Save("ada", 1, 1)));
    }

    [Fact]
    public async Task A_snapshot_that_is_not_bytes_is_refused()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();

        object answer = await AskAsync(
            StoreOf(running), new SaveSnapshot(new SnapshotMetadata("ada", 1, DateTime.UnixEpoch), "text"));

        Assert.IsType<ArgumentException>(Assert.IsType<SaveSnapshotFailure>(answer).Cause);
    }

    [Fact]
    public async Task A_row_that_cannot_be_written_does_not_fail_the_others_of_its_group()
    {
        InMemorySnapshotTable table = new();
        SaveGroups groups = new(table, new ActorsOptions { SaveGroupsInFlightMax = 1 });
        List<Task> saves = [];
        for (int i = 0; i < 200; i++)
        {
            saves.Add(SaveAsync(groups, new SavedState($"user {i}", 1, new byte[i == 77 ? (4 << 20) + 1 : 8])));
        }

        await Assert.ThrowsAnyAsync<ArgumentException>(() => saves[77]);
        saves.RemoveAt(77);
        await Task.WhenAll(saves).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        Assert.Null(await table.LoadAsync("user 77", Cancel));
    }

    [Fact]
    public async Task Saves_that_arrive_while_one_is_written_make_one_group()
    {
        HeldTable table = new();
        SaveGroups groups = new(table, new ActorsOptions { SaveGroupsInFlightMax = 1, SaveGroupMax = 512 });
        Task first = SaveAsync(groups, new SavedState("first", 1, new byte[1]));
        await table.IsHeld.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Task[] others = [.. Enumerable.Range(0, 1_000).Select(i => SaveAsync(groups, new SavedState($"user {i}", 1, new byte[1])))];

        table.Release();
        await Task.WhenAll([first, .. others]).WaitAsync(TimeSpan.FromSeconds(10), Cancel);

        Assert.Equal([1, 512, 488], table.Groups);
    }

    [Fact]
    public async Task Two_incarnations_of_one_owner_are_never_in_one_group()
    {
        HeldTable table = new();
        SaveGroups groups = new(table, new ActorsOptions { SaveGroupsInFlightMax = 1 });
        Task first = SaveAsync(groups, new SavedState("first", 1, new byte[1]));
        await table.IsHeld.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Task older = SaveAsync(groups, new SavedState("ada", 1, new byte[] { 1 }));
        Task younger = SaveAsync(groups, new SavedState("ada", 1, new byte[] { 2 }));

        table.Release();

        await Task.WhenAll(first, older).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await Assert.ThrowsAsync<SnapshotConflictException>(() => younger);
        Assert.Equal([1, 1, 1], table.Groups);
    }

    [Fact]
    public async Task Two_incarnations_are_saved_in_their_order_if_their_group_is_split()
    {
        HeldTable table = new();
        SaveGroups groups = new(table, new ActorsOptions { SaveGroupsInFlightMax = 1 });
        Task first = SaveAsync(groups, new SavedState("first", 1, new byte[1]));
        await table.IsHeld.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Task older = SaveAsync(groups, new SavedState("ada", 1, new byte[] { 1 }));
        Task bad = SaveAsync(groups, new SavedState("bad", 1, new byte[(4 << 20) + 1]));
        Task younger = SaveAsync(groups, new SavedState("ada", 1, new byte[] { 2 }));
        Task next = SaveAsync(groups, new SavedState("ada", 2, new byte[] { 3 }));

        table.Release();

        // Of the four, the first two go together and are halved; each later state of ada goes alone, once the outcome of the one before is known.
        await Task.WhenAll(first, older, next).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        await Assert.ThrowsAnyAsync<ArgumentException>(() => bad);
        await Assert.ThrowsAsync<SnapshotConflictException>(() => younger);
        Assert.Equal([1, 2, 1, 1, 1, 1], table.Groups);
        Assert.Equal((2L, 3), ((await table.LoadAsync("ada", Cancel))!.Value.Revision, (await table.LoadAsync("ada", Cancel))!.Value.State.Span[0]));
    }

    [Fact]
    public async Task Saves_over_the_queue_limit_fail_as_overloaded()
    {
        HeldTable table = new();
        SaveGroups groups = new(table, new ActorsOptions { SaveGroupsInFlightMax = 1, StoreQueueMax = 1_000 });
        Task first = SaveAsync(groups, new SavedState("first", 1, new byte[1]));
        await table.IsHeld.WaitAsync(TimeSpan.FromSeconds(10), Cancel);
        Task[] waiting = [.. Enumerable.Range(0, 1_000).Select(i => SaveAsync(groups, new SavedState($"user {i}", 1, new byte[1])))];

        await Assert.ThrowsAsync<OverloadedException>(() => SaveAsync(groups, new SavedState("late", 1, new byte[1])));

        table.Release();
        await Task.WhenAll([first, .. waiting]).WaitAsync(TimeSpan.FromSeconds(10), Cancel);
    }

    [Fact]
    public async Task An_unavailable_store_fails_every_save_of_the_group_after_one_call()
    {
        InMemorySnapshotTable table = new() { Fault = new StoreUnavailableException("away") };
        SaveGroups groups = new(table, new ActorsOptions { SaveGroupsInFlightMax = 1 });

        await Assert.ThrowsAsync<StoreUnavailableException>(() => SaveAsync(groups, new SavedState("ada", 1, new byte[1])));
        table.Fault = null;
        await SaveAsync(groups, new SavedState("ada", 1, new byte[1]));
    }

    [Fact]
    public async Task An_event_that_is_persisted_by_mistake_is_refused()
    {
        await using RunningSystem running = await RunningSystem.StartAsync();
        IActorRef actor = running.System.System.ActorOf(Props.Create(() => new Persister()));

        Assert.Equal(nameof(NotSupportedException), await AskAsync(actor, "persist"));
    }

    private static Task SaveAsync(SaveGroups groups, SavedState state)
    {
        TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        groups.Save(state, failure =>
        {
            if (failure is null)
            {
                done.SetResult();
            }
            else
            {
                done.SetException(failure);
            }
        });
        return done.Task;
    }

    private static IActorRef StoreOf(RunningSystem running) =>
        Akka.Persistence.Persistence.Instance.Apply(running.System.System).SnapshotStoreFor(null);

    private static SaveSnapshot Save(string owner, long revision, params byte[] state) =>
        new(new SnapshotMetadata(owner, revision, DateTime.UnixEpoch), state);

    private static Task<object> AskAsync(IActorRef actor, object message) =>
        actor.Ask<object>(message, TimeSpan.FromSeconds(10), Cancel);

    private sealed class Persister : UntypedPersistentActor
    {
        private IActorRef _asker = ActorRefs.Nobody;

        public override string PersistenceId => "persister";

        protected override void OnCommand(object message)
        {
            _asker = Sender;
            Persist(message, _ => _asker.Tell("persisted"));
        }

        protected override void OnRecover(object message)
        {
        }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => _asker.Tell(cause.GetType().Name);
    }

    /// <summary>A table whose first group waits until it is released.</summary>
    private sealed class HeldTable : ISnapshotTable
    {
        private readonly InMemorySnapshotTable _table = new();
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task IsHeld => _held.Task;

        public List<int> Groups { get; } = [];

        public void Release() => _released.TrySetResult();

        public async ValueTask<SaveOutcome[]> SaveAsync(IReadOnlyList<SavedState> group, CancellationToken cancellationToken)
        {
            Groups.Add(group.Count);
            _held.TrySetResult();
            await _released.Task.WaitAsync(cancellationToken);
            return await _table.SaveAsync(group, cancellationToken);
        }

        public ValueTask<SavedState?> LoadAsync(string owner, CancellationToken cancellationToken) =>
            _table.LoadAsync(owner, cancellationToken);

        public IAsyncEnumerable<SavedState> ReadAllAsync(CancellationToken cancellationToken) => _table.ReadAllAsync(cancellationToken);

        public ValueTask<ISnapshotReplacement> BeginReplacementAsync(CancellationToken cancellationToken) => _table.BeginReplacementAsync(cancellationToken);
    }
}

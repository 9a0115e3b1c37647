using RecSys.Core.Ports;
using RecSys.TestKit;

namespace RecSys.Core.Tests.TestKit;

public sealed class InMemorySnapshotTableTests : SnapshotTableContract
{
    private InMemorySnapshotTable _table = new();

    protected override ISnapshotTable Open() => _table;

    protected override ISnapshotTable Reopen() => _table.Reopen();

    protected override ISnapshotTable OpenWithQueueOf(int states) => _table = new InMemorySnapshotTable(states);
}

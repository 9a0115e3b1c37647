using RecSys.Core.Ports;
using RecSys.TestKit;

namespace RecSys.Core.Tests.TestKit;

public sealed class InMemoryInteractionLogTests() : InMemoryInteractionLogSuite(partitionCount: 1);

public sealed class InMemoryInteractionLogOfManyPartitionsTests() : InMemoryInteractionLogSuite(partitionCount: 5);

public abstract class InMemoryInteractionLogSuite(int partitionCount) : InteractionLogContract, IAsyncDisposable
{
    private InMemoryInteractionLog _log = new(Codec, partitionCount);

    public async ValueTask DisposeAsync()
    {
        await _log.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override IInteractionLog Open() => _log;

    protected override IInteractionLog Reopen() => _log.Reopen();

    protected override IInteractionLog ReopenDamaged(int partition, long offset)
    {
        _log.Damage(partition, offset);
        return _log.Reopen();
    }

    protected override IInteractionLog OpenWithQueueOf(int records) => _log = new InMemoryInteractionLog(Codec, partitionCount, records);
}

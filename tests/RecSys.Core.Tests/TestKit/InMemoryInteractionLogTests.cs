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

    protected override LogCapabilities Capabilities => LogCapabilities.Erasing | LogCapabilities.Holes | LogCapabilities.Trimming;

    protected override IInteractionLog Open() => _log;

    protected override Task AppendHolesAsync(int partition, int count)
    {
        _log.AppendHoles(partition, count);
        return Task.CompletedTask;
    }

    protected override Task TrimAsync(int partition, long start)
    {
        _log.Trim(partition, start);
        return Task.CompletedTask;
    }

    protected override IInteractionLog Reopen() => _log.Reopen();

    protected override IInteractionLog ReopenDamaged(int partition, long offset)
    {
        _log.Damage(partition, offset);
        return _log.Reopen();
    }

    protected override IInteractionLog OpenWithQueueOf(int records) => _log = new InMemoryInteractionLog(Codec, partitionCount, records);
}

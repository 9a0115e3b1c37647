using RecSys.Core.Ports;
using RecSys.TestKit;

namespace RecSys.Core.Tests.TestKit;

public sealed class InMemoryImpressionLogTests : ImpressionLogContract, IAsyncDisposable
{
    private InMemoryImpressionLog _log = new();

    public ValueTask DisposeAsync() => _log.DisposeAsync();

    protected override IImpressionLog Open() => _log;

    protected override IImpressionLog Reopen() => _log.Reopen();

    protected override IImpressionLog OpenWithQueueOf(int slates) => _log = new InMemoryImpressionLog(slates);
}

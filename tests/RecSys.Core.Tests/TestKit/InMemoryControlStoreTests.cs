using RecSys.Core.Ports;
using RecSys.TestKit;

namespace RecSys.Core.Tests.TestKit;

public sealed class InMemoryControlStoreTests : ControlStoreContract
{
    private readonly InMemoryControlStore _store = new();

    protected override IControlStore Open() => _store;

    protected override IControlStore Reopen() => _store.Reopen();

    protected override IControlStore OpenBeside(IControlStore store) => _store.Reopen();
}

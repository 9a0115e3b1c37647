using RecSys.Core.Ports;
using RecSys.TestKit.Models;

namespace RecSys.Files.Tests;

/// <summary>The fake passes the same contract tests as the real store.</summary>
public sealed class InMemoryModelStoreTests : ModelStoreContract
{
    private readonly InMemoryModelStore _store = new(TimeProvider.System);

    protected override IModelStore Open() => _store;

    protected override IModelStore Reopen() => _store;
}

using Microsoft.Extensions.Time.Testing;
using RecSys.Core.Ports;
using RecSys.TestKit;

namespace RecSys.Core.Tests.TestKit;

public sealed class InMemoryLeaseTableTests : LeaseTableContract
{
    private readonly FakeTimeProvider _time = new();
    private readonly InMemoryLeaseTable _leases;

    public InMemoryLeaseTableTests() => _leases = new InMemoryLeaseTable(_time);

    protected override ILeaseTable Open() => _leases;

    protected override Task PassAsync(TimeSpan time)
    {
        _time.Advance(time);
        return Task.CompletedTask;
    }
}

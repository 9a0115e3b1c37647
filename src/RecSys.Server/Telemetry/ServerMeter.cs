using System.Diagnostics.Metrics;
using RecSys.Server.Bodies;

namespace RecSys.Server.Telemetry;

/// <summary>Metrics of the server, on the meter <c>RecSys.Server</c>.</summary>
internal sealed class ServerMeter : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string Name = "RecSys.Server";

    private readonly Meter _meter;
    private readonly Counter<long> _accepted;
    private readonly Counter<long> _refused;

    /// <summary>Creates the instruments.</summary>
    public ServerMeter(IMeterFactory factory, RequestMemoryLimiter bodies, AnswerMemoryLimiter answers)
    {
        _meter = factory.Create(Name);
        _accepted = _meter.CreateCounter<long>(
            "recsys.server.interactions.accepted", "{interaction}", "interactions that were acknowledged as durable");
        _refused = _meter.CreateCounter<long>(
            "recsys.server.interactions.refused", "{request}", "requests and streams of interactions that were refused because of an invalid row");
        _meter.CreateObservableGauge("recsys.server.bodies.held", () => bodies.Held, "By", "request bodies in memory");
        _meter.CreateObservableGauge("recsys.server.answers.held", () => answers.Held, "By", "answers in memory that their clients have not read yet");
    }

    /// <summary>Counts interactions that are durable.</summary>
    public void InteractionsAccepted(int count) => _accepted.Add(count);

    /// <summary>Counts a request that is refused.</summary>
    public void InteractionsRefused(string code) => _refused.Add(1, new KeyValuePair<string, object?>("code", code));

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();
}

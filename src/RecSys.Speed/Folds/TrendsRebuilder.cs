using Akka.Actor;

namespace RecSys.Speed.Folds;

/// <summary>Rebuilds the trends of its node for a rebuild that another node runs; one runs on each node.</summary>
/// <remarks>The other node sends the same request until the rebuild ends: the first request starts the rebuild, and each request gets its state. At a <see cref="Cancel"/>, or without a request for <see cref="AskedMax"/>, the rebuild is cancelled.</remarks>
/// <param name="rebuild">Rebuilds the trends of this node; it reports the share that is done.</param>
internal sealed class TrendsRebuilder(Func<Action<double>, CancellationToken, Task> rebuild) : UntypedActor, IWithTimers, IDisposable
{
    /// <summary>Name of the actor below the guardian of user-defined actors, the same on each node.</summary>
    public const string Name = "trends-rebuild";

    private static readonly TimeSpan AskedMax = TimeSpan.FromSeconds(30);

    private CancellationTokenSource? _stop;
    private string? _id;
    private double _done;
    private bool _isOver;
    private string? _problem;

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Called by Akka when the actor stops or restarts.</summary>
    public void Dispose() => _stop?.Dispose();

    protected override void PostStop() => _stop?.Cancel();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Rebuild asked:
                if (asked.Id != _id)
                {
                    Start(asked.Id);
                }

                Timers.StartSingleTimer("asked", NotAsked.Instance, AskedMax);
                Sender.Tell(new State(Volatile.Read(ref _done), _isOver, _problem), Self);
                break;
            case Cancel cancel when cancel.Id == _id:
                _stop?.Cancel();
                break;
            case Cancel:
                break; // of an earlier rebuild
            case Ended ended when ended.Id == _id:
                (_isOver, _problem) = (true, ended.Problem);
                break;
            case Ended:
                break; // of an earlier rebuild
            case NotAsked when !_isOver:
                _stop?.Cancel();
                break;
            case NotAsked:
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Start(string id)
    {
        _stop?.Cancel();
        _stop?.Dispose();
        _stop = new CancellationTokenSource();
        (_id, _isOver, _problem) = (id, false, null);
        Volatile.Write(ref _done, 0);
        RunAsync(id, _stop.Token).PipeTo(Self);
    }

    private async Task<Ended> RunAsync(string id, CancellationToken stop)
    {
        try
        {
            await Task.Run(() => rebuild(done => Volatile.Write(ref _done, done), stop), stop).ConfigureAwait(false);
            return new Ended(id, null);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return new Ended(id, "the rebuild was cancelled");
        }
        catch (Exception e)
        {
            return new Ended(id, e.Message);
        }
    }

    /// <summary>Asks for the state of a rebuild, and starts it if it is new.</summary>
    /// <param name="Id">Identifies the rebuild; ASCII.</param>
    public sealed record Rebuild(string Id);

    /// <summary>Ends a rebuild; there is no answer.</summary>
    /// <param name="Id">Identifies the rebuild; ASCII.</param>
    public sealed record Cancel(string Id);

    /// <summary>The state of a rebuild.</summary>
    /// <param name="Done">The share that is done, 0 to 1.</param>
    /// <param name="IsOver">Whether it has ended.</param>
    /// <param name="Problem">Why it failed; null if it did not.</param>
    public sealed record State(double Done, bool IsOver, string? Problem);

    private sealed record Ended(string Id, string? Problem) : INoSerializationVerificationNeeded;

    private sealed class NotAsked : INoSerializationVerificationNeeded
    {
        public static readonly NotAsked Instance = new();
    }
}

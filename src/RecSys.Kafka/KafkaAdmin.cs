using Confluent.Kafka;

namespace RecSys.Kafka;

/// <summary>Calls the administration of the brokers; each call ends within a time limit, and a client that has ended is replaced. Safe for concurrent use.</summary>
/// <remarks>
/// The client library (Confluent.Kafka 2.16.0) ends its administration client permanently, without an error, when it cannot convert a result, such as that of a partition with no replica in sync: calls that
/// are in progress then never complete, later ones throw <see cref="ObjectDisposedException"/>, and a second call of <see cref="IDisposable.Dispose"/> would free memory twice.
/// </remarks>
internal sealed class KafkaAdmin(Func<IAdminClient> newClient, TimeSpan requestTimeout, TimeProvider time) : IDisposable
{
    /// <summary>The longest time after the request's time-out for which a call waits for the library to report it.</summary>
    private static readonly TimeSpan ReportMax = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private IAdminClient _client = newClient();
    private bool _isDisposed;

    /// <summary>Calls the administration.</summary>
    /// <param name="call">Starts the call, with the request's time-out.</param>
    /// <exception cref="KafkaException">The call failed, or was not answered.</exception>
    /// <exception cref="ObjectDisposedException">This object is disposed.</exception>
    public async Task<T> CallAsync<T>(Func<IAdminClient, Task<T>> call)
    {
        IAdminClient client;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            client = _client;
        }

        try
        {
            return await call(client).WaitAsync(requestTimeout + ReportMax, time).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or ObjectDisposedException)
        {
            ReplaceEnded(client);
            throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "the client library did not answer"), error);
        }
    }

    /// <inheritdoc cref="CallAsync{T}"/>
    public Task CallAsync(Func<IAdminClient, Task> call) => CallAsync(async client =>
    {
        await call(client).ConfigureAwait(false);
        return true;
    });

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isDisposed && !HasEnded(_client))
            {
                _client.Dispose();
            }

            _isDisposed = true;
        }
    }

    private void ReplaceEnded(IAdminClient client)
    {
        lock (_gate)
        {
            if (!_isDisposed && ReferenceEquals(client, _client) && HasEnded(client))
            {
                _client = newClient();
            }
        }
    }

    // This call adds no broker. The library caches the name of the client: reading it again would not detect the end.
    internal static bool HasEnded(IAdminClient client)
    {
        try
        {
            _ = client.AddBrokers("");
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}

namespace RecSys.Server;

/// <summary>Thrown when the server would listen where other machines can reach it and no API key is configured: it does not start.</summary>
public sealed class UnguardedAddressException : Exception
{
    /// <summary>Creates the exception with the default message.</summary>
    public UnguardedAddressException()
        : base("an address that other machines can reach requires an API key")
    {
    }

    /// <summary>Creates the exception with a message of one line that names the address and the remedy.</summary>
    public UnguardedAddressException(string address)
        : base($"{address} can be reached from other machines, and no API key is configured: "
            + "set recsys:server:apiKeys:0:key and recsys:server:apiKeys:0:roles:0, or listen on http://127.0.0.1 only")
    {
    }

    /// <summary>Creates the exception with a message and a cause.</summary>
    public UnguardedAddressException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}

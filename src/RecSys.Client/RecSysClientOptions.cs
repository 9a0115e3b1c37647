namespace RecSys.Client;

/// <summary>Options of a <see cref="RecSysClient"/>.</summary>
public sealed class RecSysClientOptions
{
    /// <summary>The largest allowed <see cref="RetriesMax"/>.</summary>
    public const int RetriesLimit = 10;

    /// <summary>The shortest allowed <see cref="Timeout"/>.</summary>
    public static readonly TimeSpan TimeoutMin = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest allowed <see cref="Timeout"/>.</summary>
    public static readonly TimeSpan TimeoutMax = TimeSpan.FromHours(1);

    /// <summary>Gets or sets the address of the server; a path in it precedes the API's.</summary>
    /// <value>An absolute http or https URI without query and fragment. There is no default.</value>
    public Uri? BaseAddress { get; set; }

    /// <summary>Gets or sets the key sent as <c>X-Api-Key</c>.</summary>
    /// <value>Visible ASCII characters. The default is none.</value>
    public string? ApiKey { get; set; }

    /// <summary>
    /// Gets or sets the time limit of a call, including its retries and the waits between them. For a stream of interactions the limit applies
    /// to each block, for a stream that is returned (an export, the result of a job) to the arrival of the answer's header.
    /// </summary>
    /// <value>The default is 10 s; 1 ms to 1 h.</value>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Gets or sets how many times a failed call is retried if it is safe to repeat, or if no connection was made.</summary>
    /// <value>The default is 3; 0 to 10.</value>
    public int RetriesMax { get; set; } = 3;
}

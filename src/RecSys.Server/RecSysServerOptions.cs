using System.ComponentModel.DataAnnotations;

namespace RecSys.Server;

/// <summary>Options of the HTTP server. Section <c>recsys:server</c>.</summary>
public sealed class RecSysServerOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:server";

    /// <summary>The largest body, in bytes; a stream of lines has no such limit.</summary>
    public const int BodyBytesMax = 32 << 20;

    /// <summary>The longest line of a stream, in bytes.</summary>
    public const int LineBytesMax = 1 << 20;

    /// <summary>Number of lines of a stream that are stored as a unit.</summary>
    public const int StreamChunkMax = 1_000;

    /// <summary>Number of bytes of lines after which a chunk of a stream ends, even with fewer lines than <see cref="StreamChunkMax"/>.</summary>
    public const int StreamChunkBytesMax = 1 << 20;

    /// <summary>The lowest mean rate at which a body other than a stream may arrive, in bytes per second.</summary>
    public const int BodyBytesPerSecondMin = 240;

    /// <summary>The lowest rate at which a client may read an answer, in bytes per second; the connection of a slower one is closed.</summary>
    public const int AnswerBytesPerSecondMin = 4_096;

    /// <summary>The largest number of bytes of all header fields of a request.</summary>
    public const int HeaderBytesMax = 32_768;

    /// <summary>The largest number of header fields of a request.</summary>
    public const int HeadersMax = 100;

    /// <summary>Number of bytes after which a page of items ends, even with fewer items than requested; a single item may be larger.</summary>
    public const int PageBytesMax = 4 << 20;

    /// <summary>Time for which the lines of a stream wait for others of their chunk before they are stored.</summary>
    public static readonly TimeSpan StreamPause = TimeSpan.FromSeconds(1);

    /// <summary>Time within which a line of a stream must arrive completely after its first byte.</summary>
    public static readonly TimeSpan StreamLineDeadline = TimeSpan.FromSeconds(30);

    /// <summary>Time for which a stream may stay open without data.</summary>
    public static readonly TimeSpan StreamIdleMax = TimeSpan.FromMinutes(10);

    /// <summary>Time for which a slow client is tolerated before <see cref="BodyBytesPerSecondMin"/> and <see cref="AnswerBytesPerSecondMin"/> apply.</summary>
    public static readonly TimeSpan RateGrace = TimeSpan.FromSeconds(5);

    /// <summary>Time within which the header of a request must arrive.</summary>
    public static readonly TimeSpan HeaderDeadline = TimeSpan.FromSeconds(15);

    /// <summary>The longest request line, in bytes.</summary>
    public const int RequestLineBytesMax = 16_384;

    /// <summary>The largest number of keys.</summary>
    public const int ApiKeysMax = 256;

    /// <summary>Gets the keys that callers send in the header <c>X-Api-Key</c>.</summary>
    /// <value>The default is none: programs on this machine may call everything, and the server binds to loopback addresses only.</value>
    public IList<ApiKeyOptions> ApiKeys { get; } = [];

    /// <summary>Gets the origins (CORS) whose web pages may call this server from a browser, such as <c>https://shop.example</c>.</summary>
    /// <value>The default is none.</value>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>Gets or sets the largest number of bytes of request bodies in memory at the same time; a request that exceeds them is refused with status 429. A quarter is reserved for bodies of at most 64 KiB. A higher value uses more memory.</summary>
    /// <value>The default is 256 MiB; 64 MiB to 16 GiB.</value>
    [Range(2L * BodyBytesMax, 1L << 34)]
    public long BodiesInFlightBytesMax { get; set; } = 256L << 20;

    /// <summary>Gets or sets the largest number of bytes of answers that wait in memory for their clients to read them; a request that exceeds them is refused with status 429. A quarter is reserved for answers of at most 64 KiB. A higher value uses more memory.</summary>
    /// <value>The default is 256 MiB; 64 MiB to 16 GiB.</value>
    [Range(2L * BodyBytesMax, 1L << 34)]
    public long AnswersInFlightBytesMax { get; set; } = 256L << 20;

    /// <summary>Gets or sets the time within which a request body other than a stream must arrive.</summary>
    /// <value>The default is 60 s; 1 s to 10 min.</value>
    [Range(typeof(TimeSpan), "00:00:01", "00:10:00")]
    public TimeSpan BodyDeadline { get; set; } = TimeSpan.FromSeconds(60);

    /// <summary>Gets or sets the largest number of open connections; a further one is closed immediately. The server lowers the limit at the start if the system allows fewer open files.</summary>
    /// <value>The default is 4,096; 16 to 65,536.</value>
    [Range(16, 65_536)]
    public int ConnectionsMax { get; set; } = 4_096;

    /// <summary>Gets or sets the largest number of requests that are processed at the same time; a further one is refused with status 429. Health checks are not counted.</summary>
    /// <value>The default is 2,048; 16 to 65,536.</value>
    [Range(16, 65_536)]
    public int RequestsMax { get; set; } = 2_048;

    /// <summary>Gets or sets the largest number of streams of interactions that may be open at the same time; a further one is refused with status 429.</summary>
    /// <value>The default is 256; 1 to 4,096.</value>
    [Range(1, 4_096)]
    public int StreamsMax { get; set; } = 256;

    /// <summary>Gets or sets the largest number of exports of a person's data that may run at the same time, since each reads the whole log; a further one is refused with status 429.</summary>
    /// <value>The default is 1; 1 to 64.</value>
    [Range(1, 64)]
    public int ExportsMax { get; set; } = 1;

    /// <summary>Gets or sets the time for which a read with the parameter <c>after=</c> waits until that position is reflected.</summary>
    /// <value>The default is 2 s; 1 ms to 60 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan AfterDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets whether the server answers the requests of clients, which require the role <c>read</c> or <c>write</c>, and has pages. Health, metrics and administration are answered in any case.</summary>
    /// <value>The default is true; it is false on a node of a cluster without the role <c>serve</c>.</value>
    public bool AnswersClients { get; set; } = true;

    /// <summary>Gets or sets the handler that is called after each answered call, on the thread of the call. It must return quickly and must not throw.</summary>
    /// <value>The default is none.</value>
    public Action<CompletedCall>? CallCompleted { get; set; }
}

/// <summary>An API key and its roles.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>The shortest key, in characters.</summary>
    public const int LengthMin = 16;

    /// <summary>The longest key, in characters.</summary>
    public const int LengthMax = 256;

    /// <summary>Gets or sets the secret: 16 to 256 characters. A running server stores only its hash.</summary>
    public string Key { get; set; } = "";

    /// <summary>Gets the roles: <c>read</c>, <c>write</c>, <c>admin</c>, which includes the other two.</summary>
    public IList<string> Roles { get; } = [];
}

/// <summary>A call that was answered.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">The request target as it was sent.</param>
/// <param name="Route">The route template that matched the target, or null if none did.</param>
/// <param name="Status">The HTTP status code of the answer.</param>
/// <param name="ElapsedMs">The duration of the call, in milliseconds.</param>
public readonly record struct CompletedCall(string Method, string Target, string? Route, int Status, double ElapsedMs);

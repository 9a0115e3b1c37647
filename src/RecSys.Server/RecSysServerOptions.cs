using System.ComponentModel.DataAnnotations;

namespace RecSys.Server;

/// <summary>How the server meets its callers. Section <c>recsys:server</c>.</summary>
public sealed class RecSysServerOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:server";

    /// <summary>The largest body, in bytes; a stream of lines has no such limit.</summary>
    public const int BodyBytesMax = 32 << 20;

    /// <summary>The longest line of a stream, in bytes.</summary>
    public const int LineBytesMax = 1 << 20;

    /// <summary>How many lines of a stream are stored together or not at all.</summary>
    public const int StreamChunkMax = 1_000;

    /// <summary>The longest request line, in bytes.</summary>
    public const int RequestLineBytesMax = 16_384;

    /// <summary>The most keys.</summary>
    public const int ApiKeysMax = 256;

    /// <summary>Gets the keys that callers send in the header <c>X-Api-Key</c>.</summary>
    /// <value>The default is none: then all is open to this machine, and the server binds to loopback addresses only.</value>
    public IList<ApiKeyOptions> ApiKeys { get; } = [];

    /// <summary>Gets the origins whose pages may call this server from a browser, such as <c>https://shop.example</c>.</summary>
    /// <value>The default is none.</value>
    public IList<string> CorsOrigins { get; } = [];

    /// <summary>Gets or sets how many bytes of bodies may be held at once; a request beyond is told to come again.</summary>
    /// <value>The default is 256 MiB; 32 MiB to 16 GiB.</value>
    [Range(BodyBytesMax, 1L << 34)]
    public long BodiesInFlightBytesMax { get; set; } = 256L << 20;

    /// <summary>Gets or sets how many exports of a person may run at once; each reads the whole log.</summary>
    /// <value>The default is 1; 1 to 64.</value>
    [Range(1, 64)]
    public int ExportsMax { get; set; } = 1;

    /// <summary>Gets or sets how long a read waits for the position that it was given by <c>after=</c>.</summary>
    /// <value>The default is 2 s; 1 ms to 60 s.</value>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:01:00")]
    public TimeSpan AfterDeadline { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Gets or sets what is told of each call once it is answered. Called on the call's own thread: be quick, and do not throw.</summary>
    /// <value>The default is nobody.</value>
    public Action<CompletedCall>? CallCompleted { get; set; }
}

/// <summary>One key and what it allows.</summary>
public sealed class ApiKeyOptions
{
    /// <summary>The shortest key, in characters.</summary>
    public const int LengthMin = 16;

    /// <summary>The longest key, in characters.</summary>
    public const int LengthMax = 256;

    /// <summary>Gets or sets the secret: 16 to 256 characters. Held as a hash once the server runs.</summary>
    public string Key { get; set; } = "";

    /// <summary>Gets the roles: <c>read</c>, <c>write</c>, <c>admin</c>; the last has the other two in it.</summary>
    public IList<string> Roles { get; } = [];
}

/// <summary>One call, once it is answered.</summary>
/// <param name="Method">The method of HTTP.</param>
/// <param name="Target">The target as it was sent.</param>
/// <param name="Route">The template of the target, or null if there is none.</param>
/// <param name="Status">The status of the answer.</param>
/// <param name="ElapsedMs">How long it took, in milliseconds.</param>
public readonly record struct CompletedCall(string Method, string Target, string? Route, int Status, double ElapsedMs);

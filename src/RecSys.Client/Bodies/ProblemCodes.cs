namespace RecSys.Client;

/// <summary>The values of <see cref="ProblemBody.Code"/>. Their meanings never change; a newer server may have more.</summary>
public static class ProblemCodes
{
    /// <summary>The body is not JSON.</summary>
    public const string BrokenJson = "brokenJson";

    /// <summary>A field's value is not allowed.</summary>
    public const string InvalidField = "invalidField";

    /// <summary>The body has a field that the call does not have.</summary>
    public const string UnknownField = "unknownField";

    /// <summary>A parameter's value, or an id in the path, is not allowed.</summary>
    public const string InvalidParameter = "invalidParameter";

    /// <summary>The query has a parameter that the call does not have.</summary>
    public const string UnknownParameter = "unknownParameter";

    /// <summary>The request is not valid HTTP, or not valid for its target.</summary>
    public const string BadRequest = "badRequest";

    /// <summary>The target, or an object in it, does not exist.</summary>
    public const string NotFound = "notFound";

    /// <summary>The result of the job was deleted, for instance because of an erasure; the job has to run again.</summary>
    public const string ResultDeleted = "resultDeleted";

    /// <summary>The request conflicts with the current state.</summary>
    public const string Conflict = "conflict";

    /// <summary>The target does not have the method.</summary>
    public const string MethodNotAllowed = "methodNotAllowed";

    /// <summary>The body has a type or an encoding that the call does not support.</summary>
    public const string UnsupportedMediaType = "unsupportedMediaType";

    /// <summary>The request line, the header, the body or a row is larger than its limit.</summary>
    public const string TooLarge = "tooLarge";

    /// <summary>The header or the body arrived too slowly.</summary>
    public const string TooSlow = "tooSlow";

    /// <summary>The call requires an API key, and none was sent.</summary>
    public const string KeyMissing = "keyMissing";

    /// <summary>The API key is not one of the server's.</summary>
    public const string KeyUnknown = "keyUnknown";

    /// <summary>The caller may not make this call.</summary>
    public const string Forbidden = "forbidden";

    /// <summary>A limit of the server is reached, such as the length of a queue; the call may be sent again after <c>Retry-After</c>.</summary>
    public const string Overloaded = "overloaded";

    /// <summary>A part of the server that the call requires cannot be reached now; the call may be sent again after <c>Retry-After</c>.</summary>
    public const string Unavailable = "unavailable";

    /// <summary>The server's disk is full.</summary>
    public const string StorageFull = "storageFull";

    /// <summary>The HTTP version is not supported.</summary>
    public const string NotSupported = "notSupported";

    /// <summary>The call failed; the server's log has the details.</summary>
    public const string Internal = "internal";
}

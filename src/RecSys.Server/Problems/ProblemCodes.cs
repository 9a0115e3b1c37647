namespace RecSys.Server.Problems;

/// <summary>Codes by which programs distinguish problems.</summary>
internal static class ProblemCodes
{
    public const string BrokenJson = "brokenJson";
    public const string InvalidField = "invalidField";
    public const string UnknownField = "unknownField";
    public const string InvalidParameter = "invalidParameter";
    public const string UnknownParameter = "unknownParameter";
    public const string BadRequest = "badRequest";
    public const string NotFound = "notFound";
    public const string ResultDeleted = "resultDeleted";
    public const string Conflict = "conflict";
    public const string MethodNotAllowed = "methodNotAllowed";
    public const string UnsupportedMediaType = "unsupportedMediaType";
    public const string TooLarge = "tooLarge";
    public const string TooSlow = "tooSlow";
    public const string KeyMissing = "keyMissing";
    public const string KeyUnknown = "keyUnknown";
    public const string Forbidden = "forbidden";
    public const string Overloaded = "overloaded";
    public const string Unavailable = "unavailable";
    public const string StorageFull = "storageFull";
    public const string NotSupported = "notSupported";
    public const string Internal = "internal";
}

namespace RecSys.Core.Slates;

/// <summary>The degradation tier that answered, best first.</summary>
public enum ServedBy
{
    /// <summary>Everything took part.</summary>
    Full = 0,

    /// <summary>A source or a stage was late or failed and was left out.</summary>
    Reduced = 1,

    /// <summary>The profile was late: the model and the items of the request only.</summary>
    Batch = 2,

    /// <summary>A slate of the same request, made shortly before.</summary>
    Cached = 3,

    /// <summary>Trending items, the same for all users.</summary>
    Trending = 4,

    /// <summary>No source could answer: the slate is empty and the caller should report that.</summary>
    Nothing = 5,
}

/// <summary>The tiers' names.</summary>
public static class ServedByNames
{
    private static readonly string[] Names = ["full", "reduced", "batch", "cached", "trending", "nothing"];

    /// <summary>The name that callers see.</summary>
    public static string Name(this ServedBy servedBy) => Names[(int)servedBy];
}

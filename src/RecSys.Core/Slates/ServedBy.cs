namespace RecSys.Core.Slates;

/// <summary>The degradation tier that answered.</summary>
public enum ServedBy
{
    /// <summary>All stages and sources took part.</summary>
    Full = 0,

    /// <summary>A source or a stage was late, failed or is missing, such as the model before the first training.</summary>
    Reduced = 1,

    /// <summary>The profile was late, and no slate was cached: the answer uses only the model and the items of the request.</summary>
    Batch = 2,

    /// <summary>The answer is the user's cached slate of the same request.</summary>
    Cached = 3,

    /// <summary>The answer is trending items, the same for all users.</summary>
    Trending = 4,

    /// <summary>No source could answer: the slate is empty, and the caller should report a failure.</summary>
    Nothing = 5,
}

/// <summary>Converts tiers to the names in the API.</summary>
public static class ServedByNames
{
    private static readonly string[] Names = ["full", "reduced", "batch", "cached", "trending", "nothing"];

    /// <summary>Returns the name in the API.</summary>
    public static string Name(this ServedBy servedBy) => Names[(int)servedBy];
}

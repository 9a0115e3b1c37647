namespace RecSys.TestKit;

/// <summary>What not every log can do; a test of <see cref="InteractionLogContract"/> names what it needs, and each adapter what it has.</summary>
[Flags]
public enum LogCapabilities
{
    None = 0,

    /// <summary>Removes the bytes of an erased person.</summary>
    Erasing = 1,

    /// <summary>Has offsets without a record, which <see cref="InteractionLogContract.AppendHolesAsync"/> makes.</summary>
    Holes = 2,

    /// <summary>Removes its oldest records, as <see cref="InteractionLogContract.TrimAsync"/> does.</summary>
    Trimming = 4,
}

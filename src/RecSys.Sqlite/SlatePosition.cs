namespace RecSys.Sqlite;

/// <summary>The end of an impression log: its newest segment, and the number of slates in it. Later slates have later positions, also after segments were dropped.</summary>
/// <param name="Segment">Number of the newest segment; where there is none, the number that the next one will get.</param>
/// <param name="FirstMs">Time at which the segment was begun, in milliseconds since 1970, UTC; 0 where there is none. Distinguishes segments of different files.</param>
/// <param name="Slates">Number of slates in the segment, erased ones included; 0 or more.</param>
public sealed record SlatePosition(long Segment, long FirstMs, long Slates)
{
    /// <summary>Returns whether this position and an earlier one are of different files: their segments have the same number, but different start times.</summary>
    /// <param name="earlier">The earlier position.</param>
    public bool IsOfAnotherFileThan(SlatePosition earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return Segment == earlier.Segment && Slates > 0 && earlier.Slates > 0 && FirstMs != earlier.FirstMs;
    }

    /// <summary>Returns the number of slates, at least, that a file with this end has lost since an earlier position; 0 if none.</summary>
    /// <param name="earlier">The earlier position.</param>
    public long MissingSince(SlatePosition earlier)
    {
        ArgumentNullException.ThrowIfNull(earlier);
        return Segment > earlier.Segment ? 0
            : Segment < earlier.Segment || IsOfAnotherFileThan(earlier) ? earlier.Slates
            : Math.Max(0, earlier.Slates - Slates);
    }
}

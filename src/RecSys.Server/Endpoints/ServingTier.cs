using RecSys.Core.Slates;

namespace RecSys.Server.Endpoints;

/// <summary>The degradation tier that answered last.</summary>
internal sealed class ServingTier
{
    private volatile int _last;

    /// <summary>Gets the tier; the top one until a slate was made.</summary>
    public ServedBy Last => (ServedBy)_last;

    /// <summary>Notes the tier of a slate.</summary>
    public void Note(ServedBy servedBy) => _last = (int)servedBy;
}

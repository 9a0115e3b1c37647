using RecSys.Core.Slates;

namespace RecSys.Server.Endpoints;

/// <summary>The rung of the ladder that answered last.</summary>
internal sealed class ServingRung
{
    private volatile int _last;

    /// <summary>The rung; the top one until a slate was made.</summary>
    public ServedBy Last => (ServedBy)_last;

    /// <summary>Notes the rung of a slate.</summary>
    public void Note(ServedBy servedBy) => _last = (int)servedBy;
}

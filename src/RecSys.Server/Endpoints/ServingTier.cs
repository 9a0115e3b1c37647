using RecSys.Core.Slates;

namespace RecSys.Server.Endpoints;

/// <summary>The degradation tier that answered last.</summary>
internal sealed class ServingTier
{
    private volatile int _last;

    /// <summary>Gets the tier; the best one before the first slate.</summary>
    public ServedBy Last => (ServedBy)_last;

    /// <summary>Sets <see cref="Last"/> to the tier of a slate.</summary>
    public void Set(ServedBy servedBy) => _last = (int)servedBy;
}

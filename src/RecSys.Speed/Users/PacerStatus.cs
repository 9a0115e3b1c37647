namespace RecSys.Speed.Users;

/// <summary>The status of the pacer.</summary>
internal sealed class PacerStatus
{
    private int _waiting;
    private int _inFlight;

    /// <summary>Gets the number of unsaved users that are not being saved.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Gets the number of users that are being saved.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public void Set(int waiting, int inFlight)
    {
        Volatile.Write(ref _waiting, waiting);
        Volatile.Write(ref _inFlight, inFlight);
    }
}

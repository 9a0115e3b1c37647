namespace RecSys.Speed.Users;

/// <summary>What the pacer shows of itself.</summary>
internal sealed class PacerStatus
{
    private int _waiting;
    private int _inFlight;

    /// <summary>Users with something unsaved that are not being saved.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    /// <summary>Users that are being saved.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    public void Set(int waiting, int inFlight)
    {
        Volatile.Write(ref _waiting, waiting);
        Volatile.Write(ref _inFlight, inFlight);
    }
}

namespace RecSys.Eng.Chaos;

/// <summary>What the run requires, each with what was found.</summary>
internal sealed class ChaosBars
{
    private readonly List<(string Bar, string Found, bool IsMet)> _all = [];

    /// <summary>Gets the bars in the order of their addition.</summary>
    public IReadOnlyList<(string Bar, string Found, bool IsMet)> All => _all;

    /// <summary>Gets whether all are met.</summary>
    public bool AreMet => _all.TrueForAll(bar => bar.IsMet);

    /// <summary>Adds a bar.</summary>
    public void Add(string bar, string found, bool isMet)
    {
        _all.Add((bar, found, isMet));
        Console.Out.WriteLine($"{(isMet ? "met" : "MISSED")}: {bar}: {found}");
    }
}

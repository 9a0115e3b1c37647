namespace RecSys.Eng.Damage;

/// <summary>Outcome of a damage.</summary>
internal enum Verdict
{
    /// <summary>The answers contain all acknowledged data.</summary>
    Whole,

    /// <summary>The server refuses to start, in one line that names the file.</summary>
    Refused,

    /// <summary>Data is lost, and the log or doctor reports it.</summary>
    Reported,

    /// <summary>Anything else: a silent loss, a crash, a hang, a wrong receipt.</summary>
    Failed,
}

/// <summary>A verdict with its reason in one line.</summary>
internal sealed record Outcome(Verdict Verdict, string Text)
{
    /// <summary>Gets the word for the verdict in the table.</summary>
    public string Word => Verdict switch
    {
        Verdict.Whole => "whole",
        Verdict.Refused => "refused",
        Verdict.Reported => "reported",
        _ => "**failed**",
    };
}

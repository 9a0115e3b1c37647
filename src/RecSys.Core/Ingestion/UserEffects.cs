namespace RecSys.Core.Ingestion;

/// <summary>What a user's actor has to do after it told its <see cref="UserMachine"/> something; in the order of their values.</summary>
[Flags]
public enum UserEffects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Tell the node's pacer that something is unsaved; it says later when to save.</summary>
    TellUnsaved = 1,

    /// <summary>Send the hints of <see cref="UserMachine.CollectSaved"/>.</summary>
    TellSaved = 2,

    /// <summary>Save <see cref="UserMachine.Saving"/> at <see cref="UserMachine.SavingRevision"/>, and tell what became of it.</summary>
    Save = 4,

    /// <summary>Stop at once, without saving. A successor loads what is saved, and the log has the rest.</summary>
    Stop = 8,

    /// <summary>Look which revision is stored, tell <see cref="UserMachine.OnChecked"/>, and only then this Take again and what came after it.</summary>
    Check = 16,
}

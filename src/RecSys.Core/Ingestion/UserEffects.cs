namespace RecSys.Core.Ingestion;

/// <summary>Work that a user's actor has to carry out after each call of its <see cref="UserMachine"/>, in the order of the values.</summary>
[Flags]
public enum UserEffects
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Tell the node's pacer that a record is unsaved; the pacer signals later when to save.</summary>
    TellUnsaved = 1,

    /// <summary>Send the <see cref="Saved"/> hints of <see cref="UserMachine.CollectSaved"/>.</summary>
    TellSaved = 2,

    /// <summary>Save <see cref="UserMachine.Saving"/> at <see cref="UserMachine.SavingRevision"/>, and report the outcome.</summary>
    Save = 4,

    /// <summary>Stop immediately, without saving. The next incarnation loads the saved state and gets the rest from the log.</summary>
    Stop = 8,

    /// <summary>Read the stored revision, call <see cref="UserMachine.OnChecked"/>, then handle this Take again and the messages after it.</summary>
    Check = 16,
}

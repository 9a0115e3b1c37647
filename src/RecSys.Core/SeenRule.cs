namespace RecSys.Core;

/// <summary>The rule by which slates treat items that a user has seen.</summary>
public enum SeenRule
{
    /// <summary>Slates do not show the item again.</summary>
    Exclude = 0,

    /// <summary>Slates may show the item again: at a lower score, and in a limited share of their places.</summary>
    Demote = 1,

    /// <summary>Slates show the item as if it had not been seen.</summary>
    Allow = 2,
}

/// <summary>The rules' names.</summary>
public static class SeenRuleNames
{
    private static readonly string[] Names = ["exclude", "demote", "allow"];

    /// <summary>Gets the names that callers use, in the order of the values.</summary>
    public static IReadOnlyList<string> All => Names;

    /// <summary>Returns the name that callers use.</summary>
    public static string Name(this SeenRule rule) => Names[(int)rule];

    /// <summary>Returns the rule with a name; null if there is none.</summary>
    public static SeenRule? Parse(string name) => Array.IndexOf(Names, name) is >= 0 and int rule ? (SeenRule)rule : null;
}

namespace RecSys.Cli.Settings;

/// <summary>One kind of interaction. Section <c>recsys:interactionTypes</c>, a list.</summary>
internal sealed class InteractionTypeOptions
{
    /// <summary>Gets or sets its name: 1 to 512 bytes of UTF-8.</summary>
    /// <value>No default: it must be set.</value>
    public string Name { get; set; } = "";

    /// <summary>Gets or sets what one interaction counts; negative: it counts against the item.</summary>
    /// <value>The default is 1.</value>
    public float Weight { get; set; } = 1;

    /// <summary>Gets or sets whether an item that was touched so still comes in slates.</summary>
    /// <value>The default is true.</value>
    public bool ComesBack { get; set; } = true;

    /// <summary>Gets or sets whether an interaction's value is a rating of 1 to 5, of which 2 counts nothing and 1 counts against the item.</summary>
    /// <value>The default is false.</value>
    public bool IsRating { get; set; }
}

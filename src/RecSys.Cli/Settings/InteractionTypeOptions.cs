namespace RecSys.Cli.Settings;

/// <summary>One type of interaction. Section <c>recsys:interactionTypes</c>, a list.</summary>
internal sealed class InteractionTypeOptions
{
    /// <summary>Gets or sets the name of the type in requests: 1 to 512 bytes of UTF-8.</summary>
    /// <value>No default: it must be set.</value>
    public string Name { get; set; } = "";

    /// <summary>Gets or sets the weight of one interaction: above 0 for a liked item, below 0 for a disliked one, 0 if the interaction is only recorded.</summary>
    /// <value>The default is 1; any finite number.</value>
    public float Weight { get; set; } = 1;

    /// <summary>Gets or sets whether slates may show an item again after an interaction of this type.</summary>
    /// <value>The default is true.</value>
    public bool ComesBack { get; set; } = true;

    /// <summary>Gets or sets whether the value of an interaction is a rating of 1 to 5 that scales the weight: 5 gives 3/2 of it, 2 gives 0, 1 gives −1/2.</summary>
    /// <value>The default is false.</value>
    public bool IsRating { get; set; }
}

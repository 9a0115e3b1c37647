namespace RecSys.Serving;

/// <summary>How a slate is made. Section <see cref="Section"/>.</summary>
public sealed class ServingOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:serving";

    /// <summary>Gets or sets the time a request may take before it answers with what it has.</summary>
    /// <value>The default is 150 ms; 1 ms to 10 s.</value>
    public TimeSpan Deadline { get; set; } = TimeSpan.FromMilliseconds(150);
}

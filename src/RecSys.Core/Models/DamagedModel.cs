namespace RecSys.Core.Models;

/// <summary>A model that cannot be served because its bytes differ from the published ones, or cannot be read.</summary>
/// <param name="Version">Version of the model.</param>
/// <param name="Reason">Why it cannot be served, in one line.</param>
public sealed record DamagedModel(ModelVersion Version, string Reason);

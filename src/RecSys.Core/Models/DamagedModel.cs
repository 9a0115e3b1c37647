namespace RecSys.Core.Models;

/// <summary>A model that cannot be served because its bytes differ from the published ones.</summary>
/// <param name="Version">Version of the model.</param>
/// <param name="Reason">The damage, in one line.</param>
public sealed record DamagedModel(ModelVersion Version, string Reason);

namespace RecSys.Core.Models;

/// <summary>A model that cannot be served because its bytes are not what was published.</summary>
/// <param name="Version">Its version.</param>
/// <param name="Reason">What is wrong, in one line.</param>
public sealed record DamagedModel(ModelVersion Version, string Reason);

using RecSys.Core.Log;

namespace RecSys.Core.Catalogue;

/// <summary>An item of the catalogue.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Content">What is known of it.</param>
/// <param name="AddedAtMs">When it came in, by its first record since it was last deleted, in milliseconds since 1970, UTC.</param>
/// <param name="ChangedAtMs">When its newest record was written.</param>
public sealed record CatalogueItem(ItemId Id, ItemContent Content, long AddedAtMs, long ChangedAtMs);

using RecSys.Core.Log;

namespace RecSys.Core.Catalogue;

/// <summary>An item of the catalogue.</summary>
/// <param name="Id">Id of the item.</param>
/// <param name="Content">Content of the item.</param>
/// <param name="AddedAtMs">Time of its first record with a time since it was last deleted, in milliseconds since 1970, UTC; 0 if none of its records has a time, as in replays of data without times of items.</param>
/// <param name="ChangedAtMs">Time of its newest record, in milliseconds since 1970, UTC.</param>
public sealed record CatalogueItem(ItemId Id, ItemContent Content, long AddedAtMs, long ChangedAtMs);

using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Parses the rows of a batch; each changes the given fields of an item, or adds a new one. A later row of the same item starts from the result of the earlier one.</summary>
/// <param name="currentOf">Returns an item's content in the catalogue; null if the item is not in it.</param>
internal sealed class ItemPatches(Func<ItemId, ItemContent?> currentOf)
{
    private readonly Dictionary<ItemId, ItemContent?> _changed = [];

    /// <summary>Reads one row.</summary>
    public FieldProblem? TryRead(ref Utf8JsonReader reader, long nowMs, out LogRecord? row)
    {
        Utf8JsonReader ahead = reader;
        ItemContent? current = IdOf(ref ahead) is not { } id ? null
            : _changed.TryGetValue(id, out ItemContent? changed) ? changed
            : currentOf(id);
        FieldProblem? problem = new ItemParser(null, current ?? ItemContent.Empty).TryRead(ref reader, nowMs, out row);
        if (row is LogRecord.ItemChanged written)
        {
            _changed[written.Item] = written.Content;
        }

        return problem;
    }

    /// <returns>The item that a row names; null if it names none, which the parser then refuses.</returns>
    private static ItemId? IdOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        while (JsonFields.NextName(ref reader))
        {
            bool isId = JsonFields.Is(ref reader, "itemId"u8);
            reader.Read();
            if (isId)
            {
                return JsonFields.ReadStoredId(ref reader, "itemId", out ItemId? id) is null ? id : null;
            }

            reader.Skip();
        }

        return null;
    }
}

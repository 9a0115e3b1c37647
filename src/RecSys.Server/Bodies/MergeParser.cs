using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Edge;

namespace RecSys.Server.Bodies;

/// <summary>Reads which user is merged into a target.</summary>
internal sealed class MergeParser(UserId target, OwnerHash hash)
{
    /// <summary>Reads the body.</summary>
    public FieldProblem? TryRead(ref Utf8JsonReader reader, long nowMs, out LogRecord? row)
    {
        row = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem("", "must be an object");
        }

        string? from = null;
        uint seen = 0;
        while (JsonFields.NextName(ref reader))
        {
            if (!reader.ValueTextEquals("from"u8))
            {
                return JsonFields.Unknown(ref reader, "from");
            }

            reader.Read();
            if ((JsonFields.Once(ref seen, 0, "from") ?? JsonFields.ReadId(ref reader, "from", out from)) is { } problem)
            {
                return problem;
            }
        }

        if (from is null)
        {
            return new FieldProblem("from", "is missing");
        }

        if (from == target.Value)
        {
            return new FieldProblem("from", "is the target itself");
        }

        UserId user = new(from);
        row = new LogRecord.UsersMerged(target, user, hash.Of(user), nowMs);
        return null;
    }
}

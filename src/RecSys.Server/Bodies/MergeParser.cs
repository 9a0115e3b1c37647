using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Reads the user that is merged into a target.</summary>
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

        UserId? from = null;
        uint seen = 0;
        while (JsonFields.NextName(ref reader))
        {
            if (!JsonFields.Is(ref reader, "from"u8))
            {
                return JsonFields.Unknown(ref reader, "from");
            }

            reader.Read();
            if ((JsonFields.Once(ref seen, 0, "from") ?? JsonFields.ReadId(ref reader, "from", out from)) is { } problem)
            {
                return problem;
            }
        }

        if (from is not { } user)
        {
            return new FieldProblem("from", "is missing");
        }

        if (user == target)
        {
            return new FieldProblem("from", "is the target itself");
        }

        row = new LogRecord.UsersMerged(target, user, hash.Of(user), nowMs);
        return null;
    }
}

using System.Text.Json;
using RecSys.Core;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Reads the user to erase from a body, which may contain an id that a path cannot.</summary>
internal static class EraseParser
{
    /// <summary>Reads a whole body.</summary>
    /// <param name="bytes">The body; valid UTF-8.</param>
    /// <param name="user">The user, if there is no problem. The id may be one that only an earlier version accepted.</param>
    /// <returns>The problem, or null.</returns>
    public static FieldProblem? TryRead(ReadOnlySpan<byte> bytes, out UserId user)
    {
        user = default;
        try
        {
            Utf8JsonReader reader = new(bytes);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return new FieldProblem("", "must be an object");
            }

            string? id = null;
            uint seen = 0;
            while (JsonFields.NextName(ref reader))
            {
                if (!JsonFields.Is(ref reader, "userId"u8))
                {
                    return JsonFields.Unknown(ref reader, "userId");
                }

                reader.Read();
                if ((JsonFields.Once(ref seen, 0, "userId") ?? JsonFields.ReadText(ref reader, "userId", Limits.IdBytesMax, out id)) is { } problem)
                {
                    return problem;
                }
            }

            reader.Read();
            return UserId.TryCreateStored(id, out user) ? null : new FieldProblem("userId", "is missing");
        }
        catch (JsonException exception)
        {
            return RequestBody.Broken(exception, bytes);
        }
    }
}

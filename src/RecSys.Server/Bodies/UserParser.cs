using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Edge;

namespace RecSys.Server.Bodies;

/// <summary>Reads what is said about a user.</summary>
/// <param name="user">The user; null if each row names its own.</param>
/// <param name="isPatch">Whether what is not named stays.</param>
internal sealed class UserParser(UserId? user, bool isPatch)
{
    private static readonly ImmutableSortedDictionary<string, string> NoLabels =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    private readonly string _fields = user is null ? "userId, labels, consent" : "labels, consent";

    /// <summary>Reads one row.</summary>
    public FieldProblem? TryRead(ref Utf8JsonReader reader, long nowMs, out LogRecord? row)
    {
        row = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return new FieldProblem("", "must be an object");
        }

        UserId? userId = user;
        ImmutableSortedDictionary<string, string>? labels = null;
        bool? consent = null;
        uint seen = 0;
        while (JsonFields.NextName(ref reader))
        {
            FieldProblem? problem;
            if (JsonFields.Is(ref reader, "labels"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 0, "labels") ?? JsonFields.ReadLabels(ref reader, "labels", isPatch, out labels);
            }
            else if (JsonFields.Is(ref reader, "consent"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 1, "consent") ?? JsonFields.ReadFlag(ref reader, "consent", out consent);
            }
            else if (user is null && JsonFields.Is(ref reader, "userId"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 2, "userId") ?? JsonFields.ReadId(ref reader, "userId", out userId);
            }
            else
            {
                problem = JsonFields.Unknown(ref reader, _fields);
            }

            if (problem is not null)
            {
                return problem;
            }
        }

        if (userId is not { } changed)
        {
            return new FieldProblem("userId", "is missing");
        }

        if (RecordSize.Problem(labels, 0) is { } tooLarge)
        {
            return tooLarge;
        }

        row = new LogRecord.UserChanged(changed, labels ?? NoLabels, consent, isPatch, nowMs);
        return null;
    }
}

using System.Collections.Immutable;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Problems;

namespace RecSys.Server.Bodies;

/// <summary>Parses a body or row of a user.</summary>
/// <param name="user">The user; null if each row has an id of its own.</param>
/// <param name="isPatch">Whether labels that are not in the body are kept.</param>
/// <param name="hash">Computes the owners of merged users; null if a row cannot merge.</param>
internal sealed class UserParser(UserId? user, bool isPatch, OwnerHash? hash = null)
{
    private static readonly ImmutableSortedDictionary<string, string> NoLabels =
        ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    private readonly string _fields = (user is null ? "userId, labels, consent" : "labels, consent") + (hash is null ? "" : ", mergedFrom");

    /// <summary>Gets the merges that the rows read so far request.</summary>
    public List<LogRecord.UsersMerged> Merges { get; } = [];

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
        ImmutableArray<string>? mergedFrom = null;
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
            else if (hash is not null && JsonFields.Is(ref reader, "mergedFrom"u8))
            {
                reader.Read();
                problem = JsonFields.Once(ref seen, 3, "mergedFrom") ?? JsonFields.ReadTexts(ref reader, "mergedFrom", Limits.AliasesMax, Limits.IdBytesMax, out mergedFrom);
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

        if (RecordSize.OfLabels(labels ?? NoLabels) is { } tooLarge)
        {
            return tooLarge;
        }

        if (Merge(changed, mergedFrom ?? [], nowMs) is { } badMerge)
        {
            return badMerge;
        }

        row = new LogRecord.UserChanged(changed, labels ?? NoLabels, consent, isPatch, nowMs);
        return null;
    }

    private FieldProblem? Merge(UserId target, ImmutableArray<string> mergedFrom, long nowMs)
    {
        for (int index = 0; index < mergedFrom.Length; index++)
        {
            string? problem = IdText.Problem(mergedFrom[index]) ?? (mergedFrom[index] == target.Value ? "is the user itself" : null);
            if (problem is not null)
            {
                return new FieldProblem($"mergedFrom[{index}]", problem);
            }

            UserId from = new(mergedFrom[index]);
            Merges.Add(new LogRecord.UsersMerged(target, from, hash!.Of(from), nowMs));
        }

        return null;
    }
}

using RecSys.Core;
using RecSys.Core.Log;

namespace RecSys.Speed.Tests;

/// <summary>Short ways to write records.</summary>
internal static class Records
{
    public static LogRecord.Interaction Click(string user, string item, long timestampMs = 1_000, string? id = null) =>
        new(new UserId(user), new ItemId(item), "click", timestampMs) { Id = id };
}

using RecSys.Core.Log;

namespace RecSys.Sqlite;

/// <summary>The report on all records of a log.</summary>
/// <param name="Integrity">The damaged places.</param>
/// <param name="UnerasedRecords">Number of records that still exist although their erasure is recorded as done; if above 0, the file, or a part of it, is a copy from before the erasure.</param>
public sealed record LogRecordsReport(LogIntegrity Integrity, long UnerasedRecords);

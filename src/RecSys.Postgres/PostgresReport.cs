using RecSys.Core;

namespace RecSys.Postgres;

/// <summary>Condition of a database and of the schema of an installation.</summary>
/// <param name="Server">Version of the server.</param>
/// <param name="Schema">Version of the tables; 0 if there are none.</param>
/// <param name="Installation">The installation of the tables; null if there are none.</param>
/// <param name="IsDurable">Whether the server writes what it acknowledges to its disk (fsync and full_page_writes).</param>
/// <param name="SizeBytes">Size of the table of states with its indexes.</param>
public sealed record PostgresReport(string Server, int Schema, InstallationId? Installation, bool IsDurable, long SizeBytes)
{
    /// <summary>Gets the newest version of the tables that this program reads and writes.</summary>
    public static int SchemaMax => Storage.PostgresSchema.Version;
}

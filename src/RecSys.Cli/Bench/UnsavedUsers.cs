using System.Globalization;
using RecSys.Client;

namespace RecSys.Cli.Bench;

/// <summary>The users of a node that are not saved yet, as the node's metrics report them.</summary>
internal static class UnsavedUsers
{
    /// <summary>Returns the number of these users.</summary>
    /// <exception cref="CommandException">The metrics do not include the number.</exception>
    public static async Task<double> CountAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        string metrics = await client.GetMetricsAsync(cancellationToken);
        string[] unsaved = [.. metrics.Split('\n').Where(line =>
            line.StartsWith("recsys_users_unsaved", StringComparison.Ordinal) || line.StartsWith("recsys_users_saving", StringComparison.Ordinal))];
        return unsaved.Length == 0
            ? throw new CommandException("the server's metrics do not include the number of unsaved users")
            : unsaved.Sum(line => double.Parse(line.Split(' ')[1], CultureInfo.InvariantCulture));
    }
}

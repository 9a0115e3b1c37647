using System.Text.Json;
using RecSys.Cli.Jobs;
using RecSys.Client;

namespace RecSys.Cli.Bench;

/// <summary>The users whose slates a benchmark requests.</summary>
internal static class BenchUsers
{
    private const int UsersMax = 2_000;

    /// <summary>Exports the users of a server.</summary>
    /// <returns>1 to 2,000 user ids.</returns>
    /// <exception cref="CommandException">The export fails, or the server has no users.</exception>
    public static async Task<string[]> ReadAsync(IRecSysClient client, Terminal terminal, TimeProvider time, CancellationToken cancellationToken)
    {
        JobResponse job = await ShownJob.RunAsync(
            client, terminal, time, "export", "exporting users", new(StringComparer.Ordinal) { ["what"] = "users" }, cancellationToken);
        List<string> users = [];
        using StreamReader rows = new(await client.OpenJobResultAsync(job.Id, cancellationToken));
        while (users.Count < UsersMax && await rows.ReadLineAsync(cancellationToken) is { } line)
        {
            users.Add(JsonSerializer.Deserialize(line, RecSysJsonContext.Wire.UserRow)!.UserId);
        }

        return users.Count > 0 ? [.. users] : throw new CommandException("the data folder has no users; import some with recsys import");
    }

    /// <summary>Returns a request for the slate of one of the users.</summary>
    /// <param name="users">The users, in rotation.</param>
    /// <param name="number">Number of the request, 0 or more.</param>
    public static HttpRequestMessage Slate(string[] users, long number) => Slate(users[number % users.Length]);

    /// <summary>Returns a request for the slate of a user.</summary>
    public static HttpRequestMessage Slate(string user) =>
        new(HttpMethod.Get, new Uri($"/v1/users/{Uri.EscapeDataString(user)}/recommendations?count=20", UriKind.Relative));
}

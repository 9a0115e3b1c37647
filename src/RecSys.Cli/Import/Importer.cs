using System.Diagnostics;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Sends rows in batches, and finds out which row of a refused batch was meant.</summary>
internal sealed class Importer(IRecSysClient client, TimeProvider time)
{
    /// <summary>Rows in one request.</summary>
    public const int BatchRows = 1_000;

    /// <summary>Sends a part's rows.</summary>
    /// <param name="part">The part.</param>
    /// <param name="isStrict">Whether the first refused row ends it.</param>
    /// <param name="progress">Called with the share of the file that was read, 0 to 1, and the number of stored rows.</param>
    /// <param name="cancellationToken">Cancels the import between batches; stored rows stay.</param>
    /// <exception cref="CommandException">It is strict and a row was refused, or the file cannot be read.</exception>
    /// <exception cref="RecSysException">The server cannot be reached or fails.</exception>
    public async Task<ImportSummary> RunAsync(
        ImportPart part, bool isStrict, IProgress<(double Share, ImportSummary Summary)>? progress, CancellationToken cancellationToken)
    {
        ImportSummary summary = new(part);
        long start = time.GetTimestamp();
        using Stream stream = part.Open();
        Task sending = Task.CompletedTask;
        foreach (ImportRow[] chunk in part.Read(stream).Chunk(BatchRows))
        {
            // The next batch is read while this one is under way; the order stays the file's.
            await sending;
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report((stream.Length == 0 ? 1 : (double)stream.Position / stream.Length, summary));
            sending = SendAsync(chunk);
        }

        await sending;
        summary.Elapsed = time.GetElapsedTime(start);
        progress?.Report((1, summary));
        return summary;

        async Task SendAsync(ImportRow[] rows)
        {
            List<ImportRow> good = new(rows.Length);
            foreach (ImportRow row in rows)
            {
                if (row.Problem is null)
                {
                    good.Add(row);
                    continue;
                }

                Refuse(row.Line, row.Problem);
            }

            await SendGoodAsync(good);
        }

        // A batch is stored as a whole or not at all: it is halved until the wrong rows are alone.
        async Task SendGoodAsync(List<ImportRow> rows)
        {
            if (rows.Count == 0)
            {
                return;
            }

            try
            {
                AcceptedResponse accepted = await PostAsync(part.Kind, rows, cancellationToken);
                summary.Taken += rows.Count;
                summary.Position = accepted.Position;
            }
            catch (RecSysException error) when (error.StatusCode is System.Net.HttpStatusCode.BadRequest && rows.Count == 1)
            {
                Refuse(rows[0].Line, Reason(error));
            }
            catch (RecSysException error) when (error.StatusCode is System.Net.HttpStatusCode.BadRequest)
            {
                int half = rows.Count / 2;
                await SendGoodAsync(rows[..half]);
                await SendGoodAsync(rows[half..]);
            }
        }

        void Refuse(long line, string problem)
        {
            summary.Refuse(line, problem);
            if (isStrict)
            {
                throw new CommandException($"{part.Path}:{line}: {problem} ({summary.Taken:N0} rows before it were taken)");
            }
        }
    }

    private Task<AcceptedResponse> PostAsync(ImportKind kind, List<ImportRow> rows, CancellationToken cancellationToken)
    {
        return kind switch
        {
            ImportKind.Interactions => client.RecordAsync(Bodies<InteractionBody>(), cancellationToken),
            ImportKind.Items => client.PutItemsAsync(Bodies<ItemRow>(), cancellationToken),
            ImportKind.Users => client.PutUsersAsync(Bodies<UserRow>(), cancellationToken),
            _ => throw new UnreachableException(),
        };

        T[] Bodies<T>() => [.. rows.Select(row => (T)row.Body!)];
    }

    private static string Reason(RecSysException error) =>
        error.Problem?.Errors is { Count: > 0 } errors
            ? string.Join("; ", errors.Select(field => $"{FieldOf(field.Key)}: {string.Join(", ", field.Value)}"))
            : error.Problem?.Detail ?? error.Message;

    // "[0].userId" of a batch of one is the line's "userId".
    private static string FieldOf(string path)
    {
        int row = path.IndexOf("].", StringComparison.Ordinal);
        return row >= 0 ? path[(row + 2)..] : path;
    }
}

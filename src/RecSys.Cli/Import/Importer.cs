using System.Diagnostics;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Sends rows in batches, and finds the invalid rows of a refused batch.</summary>
/// <param name="client">Client of the server that receives the rows.</param>
/// <param name="time">Clock that measures the duration of the import.</param>
/// <param name="replaces">Whether a row replaces its item or all labels of its user; if not, fields that the row lacks are kept.</param>
internal sealed class Importer(IRecSysClient client, TimeProvider time, bool replaces)
{
    /// <summary>The number of rows in one request.</summary>
    public const int BatchRows = 1_000;

    /// <summary>Sends a part's rows.</summary>
    /// <param name="part">File or part of a file to import, and the kind of its rows.</param>
    /// <param name="plan">The plan of the import.</param>
    /// <param name="isStrict">Whether the first refused row ends the import.</param>
    /// <param name="progress">Called with the share of the file that was read, 0 to 1, and the number of stored rows.</param>
    /// <param name="cancellationToken">Cancels the import between batches; stored rows are kept.</param>
    /// <exception cref="CommandException">A row was refused and <paramref name="isStrict"/> is true, or the file cannot be read.</exception>
    /// <exception cref="RecSysException">The server cannot be reached or fails.</exception>
    public async Task<ImportSummary> RunAsync(
        ImportPart part, ImportPlan plan, bool isStrict, IProgress<(double Share, ImportSummary Summary)>? progress, CancellationToken cancellationToken)
    {
        ImportSummary summary = new(part);
        Repeats repeats = new();
        long start = time.GetTimestamp();
        Reading reading = new();
        Task sending = Task.CompletedTask;
        foreach (ImportRow[] chunk in plan.Read(reading).Chunk(BatchRows))
        {
            // The next batch is read while this one is under way; rows are sent in the order of the file.
            await sending;
            cancellationToken.ThrowIfCancellationRequested();
            progress?.Report((reading.Share, summary));
            sending = SendAsync(chunk);
        }

        await sending;
        summary.Fault = reading.Fault ?? plan.Scan.Fault;
        summary.Elapsed = time.GetElapsedTime(start);
        progress?.Report((1, summary));
        return summary;

        async Task SendAsync(ImportRow[] rows)
        {
            List<ImportRow> good = new(rows.Length);
            foreach (ImportRow row in rows)
            {
                if (row.Problem is { } problem)
                {
                    Refuse(row.Line, problem);
                }
                else if (row.Body is null)
                {
                    summary.LeftOut++;
                }
                else if (summary.Admit(row.Line, repeats.Add(row.Body)))
                {
                    good.Add(row);
                }
            }

            await SendGoodAsync(good);
        }

        // A batch is stored as a whole or not at all: it is halved until the invalid rows are isolated.
        async Task SendGoodAsync(List<ImportRow> rows)
        {
            if (rows.Count == 0)
            {
                return;
            }

            try
            {
                AcceptedResponse accepted = await PostAsync(part.Kind, rows, cancellationToken);
                summary.Stored += rows.Count;
                summary.Position = accepted.Position;
                foreach (ImportRow row in rows)
                {
                    summary.Ids.Add(row.Body!);
                    summary.StoredWithId += row.Body is InteractionBody { Id: null } ? 0 : 1;
                }
            }
            catch (RecSysException error) when (error.StatusCode is System.Net.HttpStatusCode.BadRequest && rows.Count == 1)
            {
                Refuse(rows[0].Line, new RowProblem(Numberless(Reason(error)), Reason(error)));
            }
            catch (RecSysException error) when (error.StatusCode is System.Net.HttpStatusCode.BadRequest)
            {
                int half = rows.Count / 2;
                await SendGoodAsync(rows[..half]);
                await SendGoodAsync(rows[half..]);
            }
        }

        void Refuse(long line, RowProblem problem)
        {
            summary.Refuse(line, problem);
            if (isStrict)
            {
                throw new CommandException($"{part.Path}:{line}: {problem.Text} ({Terminal.Number(summary.Stored)} rows before it were stored){(ImportReport.DuplicateWarning(summary) is { } warning ? $"; {warning}" : "")}");
            }
        }
    }

    private Task<AcceptedResponse> PostAsync(ImportKind kind, List<ImportRow> rows, CancellationToken cancellationToken)
    {
        return kind switch
        {
            ImportKind.Interactions => client.RecordAsync(Bodies<InteractionBody>(), cancellationToken),
            ImportKind.Items when replaces => client.PutItemsAsync(Bodies<ItemRow>(), cancellationToken),
            ImportKind.Items => client.PatchItemsAsync(Bodies<ItemRow>(), cancellationToken),
            ImportKind.Users when replaces => client.PutUsersAsync(Bodies<UserRow>(), cancellationToken),
            ImportKind.Users => client.PatchUsersAsync(Bodies<UserRow>(), cancellationToken),
            _ => throw new UnreachableException(),
        };

        T[] Bodies<T>() => [.. rows.Select(row => (T)row.Body!)];
    }

    private static string Reason(RecSysException error) =>
        error.Problem?.Errors is { Count: > 0 } errors
            ? string.Join("; ", errors.Select(field => $"{FieldOf(field.Key)}: {string.Join(", ", field.Value)}"))
            : error.Problem?.Detail ?? error.Message;

    // Rows that differ in their numbers only are refused for one cause.
    private static string Numberless(string reason) => string.Concat(reason.Where(c => !char.IsAsciiDigit(c)));

    // "[0].userId" of a batch of one is the line's "userId".
    private static string FieldOf(string path)
    {
        int row = path.IndexOf("].", StringComparison.Ordinal);
        return row >= 0 ? path[(row + 2)..] : path;
    }
}

using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Reads files as an import does, prints the fields of their columns, their first rows and the causes of refusals, and writes nothing.</summary>
internal static class DryRun
{
    /// <summary>The largest number of rows that are shown of a file.</summary>
    public const int RowsShown = 10;

    /// <summary>Reads all files, and prints the results.</summary>
    /// <returns>The exit code that the import would have, as far as it is known without a server.</returns>
    public static Task<int> RunAsync(Terminal terminal, TimeProvider time, IReadOnlyList<ImportPart> parts, KnownTypes types, double allowRefused)
    {
        bool isFailed = false;
        foreach (ImportPart part in parts)
        {
            ImportPlan plan = part.Plan(types, time.GetUtcNow());
            ImportReport.WritePlan(terminal.Out, part, plan);
            ImportSummary summary = Read(terminal, part, plan);
            ImportReport.WriteRefusals(terminal.Out, summary);
            if (plan.Found.Refusal is { } refusal)
            {
                terminal.Out.WriteLine($"{part.Path}: would be refused: {refusal}");
            }

            isFailed |= plan.Found.Refusal is not null || summary.IsFailed(allowRefused);
        }

        terminal.Out.WriteLine("nothing was written (--dry-run)");
        return Task.FromResult(isFailed ? ExitCodes.Failed : ExitCodes.Done);
    }

    private static ImportSummary Read(Terminal terminal, ImportPart part, ImportPlan plan)
    {
        ImportSummary summary = new(part);
        Repeats repeats = new();
        Reading reading = new();
        foreach (ImportRow row in plan.Read(reading))
        {
            if (row.Problem is { } problem)
            {
                summary.Refuse(row.Line, problem);
            }
            else if (row.Body is not { } body)
            {
                summary.LeftOut++;
            }
            else if (summary.Admit(row.Line, repeats.Add(body)) && ++summary.Stored <= RowsShown)
            {
                terminal.Out.WriteLine($"  {row.Line}: {Text(body)}");
            }
        }

        summary.Fault = reading.Fault ?? plan.Scan.Fault;
        return summary;
    }

    private static string Text(object body) => body switch
    {
        InteractionBody interaction => JsonSerializer.Serialize(interaction, RecSysJsonContext.Wire.InteractionBody),
        ItemRow item => JsonSerializer.Serialize(item, RecSysJsonContext.Wire.ItemRow),
        _ => JsonSerializer.Serialize((UserRow)body, RecSysJsonContext.Wire.UserRow),
    };
}

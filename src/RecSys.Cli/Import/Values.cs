using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Reads the values of cells.</summary>
internal static class Values
{
    /// <summary>Reads a time.</summary>
    /// <param name="cells">Cells of the row.</param>
    /// <param name="column">The column, or −1.</param>
    /// <param name="field">The field, for the problem.</param>
    /// <param name="format">The format, if the user named one.</param>
    /// <param name="time">The time; null if the row has none.</param>
    public static RowProblem? Time(Cell[] cells, int column, string field, TimeFormat? format, out DateTimeOffset? time)
    {
        time = null;
        if (column < 0 || cells[column].Text is not { } text)
        {
            return null;
        }

        DateTimeOffset read;
        RowProblem? problem = format is null ? TimeText.Read(text, out read, out _) : format.Read(text, out read);
        time = read;
        return problem?.In(field);
    }

    /// <summary>Reads yes or no.</summary>
    public static RowProblem? Flag(Cell[] cells, int column, string field, bool isInverted, out bool? flag)
    {
        flag = null;
        if (column < 0 || cells[column].Text is not { } text)
        {
            return null;
        }

        RowProblem? problem = Numbers.ReadFlag(text, out bool read);
        flag = read != isInverted;
        return problem?.In(field);
    }

    /// <summary>Reads the member <c>labels</c> of JSON lines: an object whose members are labels, beside those of other columns.</summary>
    public static RowProblem? OwnLabels(Cell[] cells, int column, ref Dictionary<string, JsonElement>? labels)
    {
        if (column < 0 || cells[column].Kind == CellKind.Absent)
        {
            return null;
        }

        if (cells[column].Kind != CellKind.Object)
        {
            return new RowProblem("labels: must be an object whose members are the labels");
        }

        labels ??= new Dictionary<string, JsonElement>(StringComparer.Ordinal);
        foreach (JsonProperty label in JsonElement.Parse(cells[column].Text!).EnumerateObject())
        {
            if (!labels.TryAdd(label.Name, label.Value))
            {
                return new RowProblem("labels: a label is given twice", $"labels: '{label.Name}' is given twice");
            }
        }

        return null;
    }

    /// <summary>Reads the member <c>context</c> of JSON lines.</summary>
    public static RowProblem? Context(Cell[] cells, int column, out ContextBody? context)
    {
        context = null;
        if (column < 0 || cells[column].Kind == CellKind.Absent)
        {
            return null;
        }

        const string Rule = "context: must be an object of location, device, time (RFC 3339 with an offset) and sessionFeatures (numbers)";
        try
        {
            context = cells[column].Kind == CellKind.Object ? JsonSerializer.Deserialize(cells[column].Text!, RecSysJsonContext.Wire.ContextBody) : null;
            return context is null ? new RowProblem(Rule) : null;
        }
        catch (JsonException)
        {
            return new RowProblem(Rule);
        }
    }
}

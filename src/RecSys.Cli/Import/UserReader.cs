using System.Text.Json;
using RecSys.Client;

namespace RecSys.Cli.Import;

/// <summary>Reads users.</summary>
internal sealed class UserReader(ColumnMap map, ImportOptions options) : IRowReader
{
    private static readonly string[] ConsentParts = ["consent", "einwilligung", "optin", "optout", "gdpr", "dsgvo", "donottrack"];

    private readonly LabelColumns _labels = new(map, options.ListSeparator);
    private readonly IdColumn _ids = new(map.Headers[map["userId"]]);
    private readonly int _user = map["userId"];
    private readonly int _consent = map["consent"];
    private readonly int _ownLabels = map["labels"];
    private readonly int _mergedFrom = map["mergedFrom"];

    /// <inheritdoc/>
    public void Observe(Cell[] cells)
    {
        _ids.Observe(cells[_user].Text);
        _labels.Observe(cells);
    }

    /// <inheritdoc/>
    public Detection Detect(long rows, DateTimeOffset now)
    {
        Detection found = new();
        for (int column = 0; column < map.Headers.Count; column++)
        {
            found.Columns.Add($"{ColumnText.Name(map, column)} → {_labels.Describe(column) ?? map.FieldOf(column) ?? ColumnText.Ignored(map, column)}");
        }

        found.Warnings.AddRange(_ids.Warnings("userId"));
        if (_consent < 0)
        {
            foreach (string header in map.Others.Select(column => map.Headers[column]).Where(header => ConsentParts.Any(part => Names.Plain(header).Contains(part, StringComparison.Ordinal))))
            {
                bool isOut = Names.Plain(header).Contains("optout", StringComparison.Ordinal) || Names.Plain(header).Contains("donottrack", StringComparison.Ordinal);
                found.Warnings.Add(
                    $"consent: '{header}' stays a label, and does not decide whether histories are read; if it is the {(isOut ? "refusal of" : "consent to")} that, set --map consent={(isOut ? ColumnMap.NotWord : "")}{header}");
            }
        }

        if (_ids.Repeats > 0)
        {
            found.Warnings.Add($"userId: {Terminal.Number(_ids.Repeats)} rows repeat an id, such as '{_ids.FirstRepeat}': the last row with a field counts; write each user in one row");
        }

        return found;
    }

    /// <inheritdoc/>
    public (object? Body, RowProblem? Problem) Parse(Cell[] cells)
    {
        if (cells[_user].Text is not { } id)
        {
            return (null, new RowProblem("userId: is empty"));
        }

        Dictionary<string, JsonElement>? labels = _labels.Read(cells);
        RowProblem? problem = Values.Flag(cells, _consent, "consent", map.IsInverted("consent"), out bool? consent);
        problem ??= Values.OwnLabels(cells, _ownLabels, ref labels);
        string[]? mergedFrom = null;
        if (problem is null && _mergedFrom >= 0 && cells[_mergedFrom].Text is { } merged)
        {
            mergedFrom = cells[_mergedFrom].Kind == CellKind.Array ? ListText.ReadJson(merged) : [merged];
            problem = mergedFrom is null ? new RowProblem("mergedFrom: must be an array of ids") : null;
        }

        return problem is not null
            ? (null, problem)
            : (new UserRow { UserId = id, Consent = consent, Labels = labels, MergedFrom = mergedFrom }, null);
    }
}

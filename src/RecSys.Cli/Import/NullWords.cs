using System.Collections.Frozen;

namespace RecSys.Cli.Import;

/// <summary>The words that programs write for a field without a value, such as <c>NULL</c> of databases, <c>nan</c> of pandas and <c>#N/A</c> of spreadsheets.</summary>
/// <param name="given">The words that are read as empty; empty if none is; null if the user named none: known words are then texts, but never ids, and are reported.</param>
/// <param name="isRead">Returns whether a column is a field or a label.</param>
internal sealed class NullWords(IReadOnlyCollection<string>? given, Func<int, bool> isRead)
{
    /// <summary>The word in place of words in <c>--nulls none</c>: no word is read as empty.</summary>
    public const string NoneWord = "none";

    private const int ColumnsNamed = 3;

    // NA is not among them: it is the code of Namibia.
    private static readonly FrozenSet<string> Known = FrozenSet.Create(
        StringComparer.Ordinal,
        "NULL", "null", "Null", "(null)", "(NULL)", "<null>", "\\N", "NaN", "nan", "NaT", "<NA>", "None", "N/A", "n/a", "undefined", "#N/A", "#NULL!", "#REF!", "#NAME?", "#VALUE!", "#DIV/0!", "#NUM!");

    private readonly FrozenSet<string>? _given = given?.ToFrozenSet(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _counts = new(StringComparer.Ordinal);
    private readonly SortedSet<int> _columns = [];

    /// <summary>Returns whether a text is a word for no value, and the user did not say how to read such words.</summary>
    public bool IsUnclear(string text) => _given is null && IsKnown(text);

    /// <summary>Makes the cells of the user's words absent.</summary>
    public void Apply(Cell[] cells)
    {
        if (_given is not { Count: > 0 })
        {
            return;
        }

        for (int i = 0; i < cells.Length; i++)
        {
            if (cells[i] is { Kind: CellKind.Text, Text: { } text } && _given.Contains(text))
            {
                cells[i] = default;
            }
        }
    }

    /// <summary>Counts the known words of a row, in the first pass.</summary>
    public void Observe(Cell[] cells)
    {
        if (_given is not null)
        {
            return;
        }

        for (int i = 0; i < cells.Length; i++)
        {
            if (cells[i] is { Kind: CellKind.Text, Text: { } text } && IsKnown(text) && isRead(i))
            {
                _counts[text] = _counts.GetValueOrDefault(text) + 1;
                _columns.Add(i);
            }
        }
    }

    /// <summary>Returns the warning about the known words that were counted; null if there are none.</summary>
    /// <param name="headers">The file's header.</param>
    public string? Warning(IReadOnlyList<string> headers)
    {
        if (_counts.Count == 0)
        {
            return null;
        }

        string[] words = [.. _counts.OrderByDescending(pair => pair.Value).Select(pair => pair.Key)];
        string columns = string.Join(", ", _columns.Take(ColumnsNamed).Select(column => headers[column])) + (_columns.Count > ColumnsNamed ? ", …" : "");
        return $"{Terminal.Number(_counts.Values.Sum())} fields ({columns}) are words for no value, such as '{words[0]}': --nulls {ShellWord.Of(string.Join(',', words))} reads them as empty, --nulls {NoneWord} as texts; an id is never such a word without that option";
    }

    private static bool IsKnown(string text) => text.Length is >= 2 and <= 9 && text[0] is 'N' or 'n' or '\\' or '(' or '<' or '#' or 'u' && Known.Contains(text);
}

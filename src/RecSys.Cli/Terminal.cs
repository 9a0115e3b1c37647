using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace RecSys.Cli;

/// <summary>The output of a command: results on standard output, all else on standard error.</summary>
internal sealed class Terminal
{
    /// <summary>Tables are this wide where the output is no terminal.</summary>
    public const int Columns = 80;

    /// <summary>Writes to the process's own output.</summary>
    public Terminal()
        : this(Console.Out, Console.Error, Console.IsOutputRedirected, Console.IsErrorRedirected)
    {
    }

    /// <summary>Writes elsewhere.</summary>
    public Terminal(TextWriter output, TextWriter error, bool isOutputRedirected, bool isErrorRedirected)
    {
        Out = output;
        Error = error;
        IsErrorRedirected = isErrorRedirected;
        OutConsole = ConsoleOn(output, isOutputRedirected);
        ErrorConsole = ConsoleOn(error, isErrorRedirected);
    }

    /// <summary>Gets the writer of results.</summary>
    public TextWriter Out { get; }

    /// <summary>Gets the writer of progress and errors.</summary>
    public TextWriter Error { get; }

    /// <summary>Gets whether standard error is no terminal.</summary>
    public bool IsErrorRedirected { get; }

    /// <summary>Results with tables and colour.</summary>
    public IAnsiConsole OutConsole { get; }

    /// <summary>Progress, on standard error.</summary>
    public IAnsiConsole ErrorConsole { get; }

    /// <summary>Prints a result for programs: one line of JSON.</summary>
    public void Json<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Prints a table that fits <see cref="Columns"/> columns.</summary>
    /// <param name="headers">The columns' names; one that begins with <c>&gt;</c> holds numbers, one that begins with <c>=</c> what is copied as a whole: both are never broken.</param>
    /// <param name="rows">The rows, a text a column.</param>
    public void Table(string[] headers, IEnumerable<string[]> rows)
    {
        Table table = new() { Border = TableBorder.Simple, ShowRowSeparators = false };
        foreach (string header in headers)
        {
            TableColumn column = new(new Text(header.TrimStart('>', '=')));
            table.AddColumn(header switch
            {
                ['>', ..] => column.RightAligned().NoWrap(),
                ['=', ..] => column.NoWrap(),
                _ => column,
            });
        }

        foreach (string[] row in rows)
        {
            table.AddRow(row.Select(text => new Text(text)));
        }

        OutConsole.Write(table);
    }

    /// <summary>A whole number with its thousands apart.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number with a few digits after the point.</summary>
    public static string Number(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static IAnsiConsole ConsoleOn(TextWriter writer, bool isRedirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Interactive = isRedirected ? InteractionSupport.No : InteractionSupport.Detect,
        });
        if (isRedirected)
        {
            console.Profile.Width = Columns;
        }

        return console;
    }
}

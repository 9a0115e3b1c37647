using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Spectre.Console;

namespace RecSys.Cli;

/// <summary>The output of a command: results on standard output, all other text on standard error.</summary>
internal sealed class Terminal
{
    /// <summary>The width of tables if the output is not a terminal.</summary>
    public const int Columns = 80;

    /// <summary>Creates a terminal on the output of the process.</summary>
    public Terminal()
        : this(Console.Out, Console.Error, Console.IsOutputRedirected, Console.IsErrorRedirected)
    {
    }

    /// <summary>Creates a terminal on other writers.</summary>
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

    /// <summary>Gets whether standard error is not a terminal.</summary>
    public bool IsErrorRedirected { get; }

    /// <summary>Gets the console for results, with tables and colours.</summary>
    public IAnsiConsole OutConsole { get; }

    /// <summary>Gets the console for progress, on standard error.</summary>
    public IAnsiConsole ErrorConsole { get; }

    /// <summary>Prints a result for programs: one line of JSON.</summary>
    public void Json<T>(T value, JsonTypeInfo<T> type) => Out.WriteLine(JsonSerializer.Serialize(value, type));

    /// <summary>Prints a table that fits <see cref="Columns"/> columns.</summary>
    /// <param name="headers">The columns' names; one that begins with <c>&gt;</c> contains numbers, one that begins with <c>=</c> contains values to copy: neither is wrapped.</param>
    /// <param name="rows">The rows, one text per column.</param>
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

    /// <summary>Returns a whole number with thousands separators.</summary>
    public static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>Returns a number with a few digits after the decimal point.</summary>
    public static string Number(double value, int digits) => value.ToString("F" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Returns a number with at most four digits after the decimal point, without zeros at the end.</summary>
    public static string ShortNumber(double value) => value.ToString("0.####", CultureInfo.InvariantCulture);

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

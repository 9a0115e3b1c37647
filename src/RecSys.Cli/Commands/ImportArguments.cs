using System.CommandLine;
using System.Globalization;
using RecSys.Cli.Import;

namespace RecSys.Cli.Commands;

/// <summary>The options of <c>recsys import</c>.</summary>
internal sealed class ImportArguments
{
    private const string NoQuotes = "none";
    private const string NoLists = "none";
    private const string NowWord = "now";
    private const string TabWord = "tab";

    /// <summary>Creates the options.</summary>
    public ImportArguments()
    {
        Format.AcceptOnlyFromAmong(ImportFormat.Names);
        Quotes.AcceptOnlyFromAmong("auto", NoQuotes);
        Timestamp.AcceptOnlyFromAmong(NowWord);
    }

    /// <summary><c>--format</c>.</summary>
    public Option<string?> Format { get; } = new("--format") { Description = "The format; by default detected from the file's name.", HelpName = "csv|jsonl|movielens-100k|movielens" };

    /// <summary><c>--dry-run</c>.</summary>
    public Option<bool> DryRun { get; } = new("--dry-run") { Description = "Print how the columns are read, the first ten rows and all refusals, and write nothing." };

    /// <summary><c>--strict</c>.</summary>
    public Option<bool> Strict { get; } = new("--strict") { Description = "Stop at the first row that is refused." };

    /// <summary><c>--replace</c>.</summary>
    public Option<bool> Replace { get; } = new("--replace") { Description = "Let a row replace its item, or all labels of its user; by default, fields that it lacks are kept." };

    /// <summary><c>--again</c>.</summary>
    public Option<bool> Again { get; } = new("--again") { Description = "Import interactions without ids even if the file seems to be stored already; its rows then count twice." };

    /// <summary><c>--allow-refused</c>.</summary>
    public Option<string?> AllowRefused { get; } = new("--allow-refused") { Description = "The share of refused rows above which the command fails; 1 % by default.", HelpName = "5%" };

    private Option<string?> Map { get; } = new("--map") { Description = "The columns of fields that have another name in the file.", HelpName = "userId=user,itemId=sku" };

    private Option<string?> Type { get; } = new("--type") { Description = "The type of interactions whose rows name none.", HelpName = "TYPE" };

    private Option<string?> Types { get; } = new("--types") { Description = "The types of the file and the types of the server; ignore leaves rows out.", HelpName = "product_view=view,removed=ignore" };

    private Option<string?> Scale { get; } = new("--scale") { Description = "The worst and the best rating; by default detected from the values.", HelpName = "0..1" };

    private Option<bool> DecimalComma { get; } = new("--decimal-comma") { Description = "Prices and ratings have a decimal comma, and points between thousands: 1.234,50." };

    private Option<string?> TimeFormatName { get; } = new("--time-format") { Description = "The format of times that can be read in several ways.", HelpName = "dd.MM.yyyy|epoch-ms" };

    private Option<string?> Timestamp { get; } = new("--timestamp") { Description = "Date all interactions at the time of the import.", HelpName = NowWord };

    private Option<string?> Nulls { get; } = new("--nulls") { Description = "The words of the file that mean an empty field; none if no word does.", HelpName = "NULL,nan" };

    private Option<string?> Lists { get; } = new("--lists") { Description = "The separator of lists in one field, such as ; or none if a field is one value; by default detected.", HelpName = "SEPARATOR|none" };

    private Option<string?> Quotes { get; } = new("--quotes") { Description = "Whether quotes of a CSV enclose fields, or are ordinary characters.", HelpName = "auto|none" };

    private Option<string?> FieldSeparator { get; } = new("--separator") { Description = "The separator of the fields of a CSV, such as :: or tab; by default comma, semicolon, tab or bar is detected.", HelpName = "SEPARATOR" };

    private Option<string?> Columns { get; } = new("--columns") { Description = "The columns of a CSV without a header.", HelpName = "userId,itemId,rating" };

    private Option<string?> Encoding { get; } = new("--encoding") { Description = "The file's encoding; by default UTF-8 or UTF-16, detected from its first bytes.", HelpName = "windows-1252" };

    /// <summary>Adds the options to the command.</summary>
    public void AddTo(Command command)
    {
        foreach (Option option in (Option[])[DryRun, Map, Type, Types, Scale, DecimalComma, TimeFormatName, Timestamp, Nulls, Lists, Format, FieldSeparator, Quotes, Columns, Encoding, Replace, Again, Strict, AllowRefused])
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Reads the values of the options.</summary>
    /// <exception cref="CommandException">An option is invalid.</exception>
    public ImportOptions Read(ParseResult parsed) => new()
    {
        Map = ColumnMap.Parse(parsed.GetValue(Map)),
        Type = parsed.GetValue(Type),
        Types = ColumnMap.Parse(parsed.GetValue(Types), Types.Name),
        Scale = parsed.GetValue(Scale) is { } scale ? RatingScale.Parse(scale) : null,
        TimeFormat = parsed.GetValue(TimeFormatName) is { } format ? TimeFormat.Parse(format) : null,
        HasDecimalComma = parsed.GetValue(DecimalComma),
        IsTimestampNow = parsed.GetValue(Timestamp) == NowWord,
        Nulls = parsed.GetValue(Nulls) is { } nulls ? (nulls == NullWords.NoneWord ? [] : nulls.Split(',')) : null,
        ListSeparator = parsed.GetValue(Lists) is { } lists ? Separator(lists) : null,
        HasQuotes = parsed.GetValue(Quotes) != NoQuotes,
        Separator = parsed.GetValue(FieldSeparator) is { Length: > 0 } separator ? System.Text.Encoding.UTF8.GetBytes(separator == TabWord ? "\t" : separator) : null,
        Columns = parsed.GetValue(Columns)?.Split(',', StringSplitOptions.TrimEntries),
        Encoding = parsed.GetValue(Encoding),
    };

    private static char Separator(string text) => text switch
    {
        NoLists => '\0',
        [var character] => character,
        _ => throw new CommandException($"--lists: '{text}' is neither one character, such as ';', nor {NoLists}", ExitCodes.WrongUsage),
    };

    /// <summary>Reads a share: <c>5%</c> or <c>0.05</c>.</summary>
    /// <exception cref="CommandException">The text is not valid.</exception>
    public static double Share(string? text)
    {
        if (text is null)
        {
            return ImportOptions.AllowRefusedDefault;
        }

        string trimmed = text.Trim();
        bool isPercent = trimmed.EndsWith('%');
        bool isNumber = double.TryParse(isPercent ? trimmed[..^1] : trimmed, NumberStyles.AllowDecimalPoint | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out double share);
        share = isPercent ? share / 100 : share;
        return isNumber && share <= 1
            ? share
            : throw new CommandException($"--allow-refused: '{text}' is not a share such as 5% or 0.05", ExitCodes.WrongUsage);
    }
}

namespace RecSys.Cli.Import;

/// <summary>Writes an argument as a word of a POSIX shell.</summary>
internal static class ShellWord
{
    private const string Plain = "-_./:@%+=,";

    /// <summary>Returns the text, in quotes if it contains characters that a shell may interpret.</summary>
    public static string Of(string text) =>
        text.Length > 0 && text[0] != '-' && text.All(letter => char.IsAsciiLetterOrDigit(letter) || Plain.Contains(letter, StringComparison.Ordinal))
            ? text
            : $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}

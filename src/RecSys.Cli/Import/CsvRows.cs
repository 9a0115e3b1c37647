using System.Text;
using CsvHelper;

namespace RecSys.Cli.Import;

/// <summary>Reads the rows of a CSV file, good and bad, each with its line.</summary>
internal static class CsvRows
{
    /// <summary>The largest record, in bytes: a larger one is treated as an unclosed quote.</summary>
    public const int RecordBytesMax = 1 << 20;

    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads a file with a header.</summary>
    /// <param name="stream">The file.</param>
    /// <param name="begin">Called once with the header; returns a function that turns a row's fields into a body, or its problem.</param>
    /// <param name="separator">Separator of fields; null detects it.</param>
    /// <exception cref="CommandException">The file has no header.</exception>
    public static IEnumerable<ImportRow> Read(
        Stream stream, Func<IReadOnlyList<string>, Func<string[], (object? Body, string? Problem)>> begin, char? separator = null)
    {
        using CsvReader csv = CsvReader.Create(
            stream,
            CsvReaderOptions.Default with
            {
                Separator = separator,
                TrackLineNumbers = true,
                FieldCountMismatch = CsvFieldCountHandling.Throw,
                MalformedData = CsvMalformedDataHandling.Throw,
                MaxRecordSize = RecordBytesMax,
            },
            leaveOpen: true);
        Func<string[], (object? Body, string? Problem)> make = begin(Header(csv));
        string[] fields = new string[csv.Headers.Count];
        long line = 1;
        string? lastFault = null;
        while (true)
        {
            string? problem = null;
            bool isRead = false;
            try
            {
                isRead = csv.Read();
            }
            catch (CsvFormatException error)
            {
                problem = error.Message;
            }

            if (!isRead && problem is null)
            {
                yield break;
            }

            line = Math.Max(line + (problem is null ? 0 : 1), csv.LineNumber);
            if (problem is not null)
            {
                if (problem == lastFault)
                {
                    yield break; // the reader cannot get past it
                }

                lastFault = problem;
                yield return ImportRow.Refused(line, problem);
                continue;
            }

            problem = Decode(csv, fields);
            (object? body, problem) = problem is null ? make(fields) : (null, problem);
            yield return new ImportRow(line, body, problem);
        }
    }

    private static IReadOnlyList<string> Header(CsvReader csv)
    {
        try
        {
            csv.ReadHeader();
            return csv.Headers.Count > 0
                ? csv.Headers
                : throw new CommandException("the file is empty: a header line is expected");
        }
        catch (CsvFormatException error)
        {
            throw new CommandException($"line 1: {error.Message}");
        }
    }

    private static string? Decode(CsvReader csv, string[] fields)
    {
        for (int i = 0; i < fields.Length; i++)
        {
            try
            {
                fields[i] = Strict.GetString(csv.GetSpan(i));
            }
            catch (DecoderFallbackException)
            {
                return $"{csv.Headers[i]} is not valid UTF-8";
            }
        }

        return null;
    }
}

namespace RecSys.Cli.Import;

/// <summary>Sets of columns of files whose rows all have one type of interactions, which no column names.</summary>
internal static class Layouts
{
    private static readonly (string[] Columns, string Type, string Reason)[] Known =
    [
        (["tdat", "customerid", "articleid"], "purchase", "the transactions of H&M are purchases"),
        (["invoiceno", "stockcode"], "purchase", "lines of invoices are purchases"),
        (["orderid", "productid"], "purchase", "lines of orders are purchases"),
        (["transactionid", "quantity"], "purchase", "lines of transactions are purchases"),
    ];

    /// <summary>Gets the type of all rows of a file, and why; null if no known set of columns is among the file's.</summary>
    /// <param name="columns">The columns, in the form of <see cref="Names.Plain"/>.</param>
    public static (string Type, string Reason)? TypeOf(string[] columns)
    {
        foreach ((string[] known, string type, string reason) in Known)
        {
            if (known.All(columns.Contains))
            {
                return (type, reason);
            }
        }

        return null;
    }
}

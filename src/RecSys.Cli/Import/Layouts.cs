namespace RecSys.Cli.Import;

/// <summary>Well-known data sets whose files contain one type of interactions and do not name it.</summary>
internal static class Layouts
{
    private static readonly (string[] Columns, string Type, string Name)[] Known =
    [
        (["tdat", "customerid", "articleid"], "purchase", "the transactions of H&M are purchases"),
        (["invoiceno", "stockcode"], "purchase", "lines of invoices are purchases"),
        (["orderid", "productid"], "purchase", "lines of orders are purchases"),
        (["transactionid", "quantity"], "purchase", "lines of transactions are purchases"),
    ];

    /// <summary>Gets the type of all rows of a layout, and why.</summary>
    /// <param name="columns">The columns, in the form of <see cref="Names.Plain"/>.</param>
    public static (string Type, string Reason)? TypeOf(string[] columns)
    {
        foreach ((string[] known, string type, string name) in Known)
        {
            if (known.All(columns.Contains))
            {
                return (type, name);
            }
        }

        return null;
    }
}

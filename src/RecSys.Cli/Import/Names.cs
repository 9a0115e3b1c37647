namespace RecSys.Cli.Import;

/// <summary>Compares names ignoring case, spaces and punctuation: <c>Product Name</c>, <c>product_name</c> and <c>productName</c> are one.</summary>
internal static class Names
{
    /// <summary>Returns the letters and digits of a name, in lower case.</summary>
    public static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();
}

using System.Globalization;
using System.Text;

namespace RecSys.Core.Catalogue;

/// <summary>The rules for an item's price, currency, links and stock; each method returns the problem, or null.</summary>
public static class OfferRules
{
    /// <summary>The longest text of a price that a decimal can represent exactly, in bytes.</summary>
    private const int PriceTextBytesMax = 28;

    private const NumberStyles PriceStyle = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;

    /// <summary>The rule for a price.</summary>
    public static readonly string PriceRule = $"must be a number from 0 to {Limits.PriceMax} with at most {Limits.PriceDecimalsMax} decimals, such as 19.90";

    /// <summary>The rule for a stock.</summary>
    public static readonly string StockRule = $"must be a whole number from 0 to {Limits.StockMax}";

    /// <summary>Reads a price as written; decimals are kept as given, and a number that would have to be rounded is refused.</summary>
    /// <param name="utf8">A number as JSON writes it.</param>
    /// <param name="price">The price; 0 where there is a problem.</param>
    public static string? ReadPrice(ReadOnlySpan<byte> utf8, out decimal price)
    {
        price = 0;
        if (utf8.Length > PriceTextBytesMax || !decimal.TryParse(utf8, PriceStyle, CultureInfo.InvariantCulture, out decimal value))
        {
            return PriceRule;
        }

        int exponent = utf8.IndexOfAny((byte)'e', (byte)'E');
        bool isRoundedToZero = value == 0 && (exponent < 0 ? utf8 : utf8[..exponent]).IndexOfAnyInRange((byte)'1', (byte)'9') >= 0;
        if (value is < 0 or > Limits.PriceMax || isRoundedToZero || decimal.Round(value, Limits.PriceDecimalsMax) != value)
        {
            return PriceRule;
        }

        price = value.Scale > Limits.PriceDecimalsMax ? decimal.Round(value, Limits.PriceDecimalsMax) : value;
        return null;
    }

    /// <summary>Returns the problem of a currency, or null.</summary>
    public static string? CurrencyProblem(string currency)
    {
        ArgumentNullException.ThrowIfNull(currency);
        return currency.Length == 3 && currency.All(char.IsAsciiLetterUpper) ? null : "must be three capital letters of ISO 4217, such as EUR";
    }

    /// <summary>Returns the problem of a link to a page or an image, or null.</summary>
    /// <remarks>A browser drops tabs and line ends from a link and reads <c>\</c> as <c>/</c>: links with them are refused, so that a browser opens exactly the link that is stored.</remarks>
    public static string? UrlProblem(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        int bytes = Encoding.UTF8.GetByteCount(url);
        if (bytes > Limits.UrlBytesMax)
        {
            return $"has {bytes} bytes of UTF-8; at most {Limits.UrlBytesMax} are allowed";
        }

        if (url.Any(letter => letter is '\\' || char.IsWhiteSpace(letter) || char.IsControl(letter)))
        {
            return "must have no spaces, control characters or backslashes; write a space as %20";
        }

        bool isOfSite = url is ['/', ..] and not ['/', '/', ..];
        bool isAbsolute = (url.StartsWith("https://", StringComparison.OrdinalIgnoreCase) || url.StartsWith("http://", StringComparison.OrdinalIgnoreCase))
            && Uri.TryCreate(url, UriKind.Absolute, out Uri? parsed) && parsed.Host.Length > 0;
        return isOfSite || isAbsolute ? null : "must be a link that begins with https://, http:// or a single /";
    }
}

using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace RecSys.Cli.Import;

/// <summary>A column's name that begins or ends with a currency, such as <c>Preis (EUR)</c>, <c>price_usd</c> and <c>Amount [€]</c>.</summary>
/// <param name="Plain">The rest of the name, in the form of <see cref="Names.Plain"/>; may be empty.</param>
/// <param name="Currency">The code of ISO 4217; null if the name has a sign of several currencies, such as <c>$</c>.</param>
/// <param name="Text">The currency as the name has it.</param>
internal sealed partial record MoneyName(string Plain, string? Currency, string Text)
{
    private static readonly FrozenDictionary<string, string?> Signs = new Dictionary<string, string?>
    {
        ["€"] = "EUR",
        ["euro"] = "EUR",
        ["euros"] = "EUR",
        ["£"] = "GBP",
        ["US$"] = "USD",
        ["zł"] = "PLN",
        ["Kč"] = "CZK",
        ["₹"] = "INR",
        ["₺"] = "TRY",
        ["₽"] = "RUB",
        ["₴"] = "UAH",
        ["₪"] = "ILS",
        ["₫"] = "VND",
        ["₩"] = "KRW",
        ["฿"] = "THB",
        ["$"] = null,
        ["¥"] = null,
    }.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);

    // ISO 4217 without ALL and TOP, which are words in names such as price_all.
    private static readonly FrozenSet<string> Codes = (
        "AED AFN AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP "
        + "GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN "
        + "NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND VUV "
        + "WST XAF XCD XCG XOF XPF YER ZAR ZMW").Split(' ').ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    /// <summary>Returns the parts of a name; null if it does not begin or end with a currency, or has several.</summary>
    public static MoneyName? Of(string header)
    {
        string[] words = [.. Words().Matches(header).Select(match => match.Value)];
        int at = Array.FindIndex(words, IsCurrency);
        if (at < 0 || (at > 0 && at < words.Length - 1) || words.Count(IsCurrency) > 1)
        {
            return null;
        }

        string text = words[at];
        string[] rest = [.. words.Where((_, index) => index != at)];
        if (at > 1 && rest[^1].Equals("in", StringComparison.OrdinalIgnoreCase))
        {
            rest = rest[..^1]; // Preis in EUR
        }

        return new MoneyName(Names.Plain(string.Concat(rest)), Signs.TryGetValue(text, out string? currency) ? currency : text.ToUpperInvariant(), text);
    }

    private static bool IsCurrency(string word) => Codes.Contains(word) || Signs.ContainsKey(word);

    // A sign, or a word of letters or digits; a capital letter begins a word, as in priceUsd and priceUSD.
    [GeneratedRegex(@"US\$|\p{Sc}|\p{Lu}+(?!\p{Ll})|\p{Lu}?\p{Ll}+|\p{Lo}+|\p{Nd}+")]
    private static partial Regex Words();
}

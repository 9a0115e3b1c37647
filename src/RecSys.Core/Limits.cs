namespace RecSys.Core;

/// <summary>Limits that belong to the domain: every list, text and page has one, and errors name it.</summary>
public static class Limits
{
    /// <summary>The longest id, in bytes of UTF-8.</summary>
    public const int IdBytesMax = 512;

    /// <summary>Number of a user's newest interactions that a profile and a training use.</summary>
    public const int HistoryMax = 1_024;

    /// <summary>Number of a user's newest statements (likes, dislikes, purchases, ratings, hides, and custom types) that a profile contains beside the history, once they are too old for it.</summary>
    public const int OlderStatementsMax = 2_048;

    /// <summary>Number of a user's newest retractions that a profile contains, so that a retracted interaction that is sent again stays retracted.</summary>
    public const int RetractionsMax = 1_024;

    /// <summary>The largest number of rows in one request or batch.</summary>
    public const int BatchMax = 10_000;

    /// <summary>The largest number of items in one slate.</summary>
    public const int SlateMax = 100;

    /// <summary>The largest number of categories of one item.</summary>
    public const int CategoriesMax = 64;

    /// <summary>The largest number of labels of one item or user, and session features of one context.</summary>
    public const int LabelsMax = 256;

    /// <summary>The longest title, label value or context text, in bytes of UTF-8.</summary>
    public const int TextBytesMax = 8_192;

    /// <summary>The longest text of an item, in bytes of UTF-8.</summary>
    public const int ItemTextBytesMax = 65_536;

    /// <summary>The longest link to an item's page or image, in bytes of UTF-8.</summary>
    public const int UrlBytesMax = 2_048;

    /// <summary>The highest price of an item.</summary>
    public const long PriceMax = 1_000_000_000_000;

    /// <summary>The largest number of decimals of a price.</summary>
    public const int PriceDecimalsMax = 6;

    /// <summary>The largest number of pieces of an item in stock.</summary>
    public const int StockMax = 1_000_000_000;

    /// <summary>The largest encoded log record, in bytes.</summary>
    public const int RecordBytesMax = 1 << 20;

    /// <summary>The largest encoded log record of a user, in bytes: it is sent to the user's actor in one message. Records of earlier versions may have <see cref="RecordBytesMax"/>.</summary>
    public const int UserRecordBytesMax = 128 << 10;

    /// <summary>The largest number of bytes of a profile's newest interactions; fewer than <see cref="HistoryMax"/> are kept if they are long.</summary>
    public const int HistoryBytesMax = 128 << 10;

    /// <summary>The largest number of bytes of a profile's older statements; fewer than <see cref="OlderStatementsMax"/> are kept if they are long.</summary>
    public const int OlderBytesMax = 160 << 10;

    /// <summary>The largest number of bytes of a user's labels, names and values together, in UTF-8.</summary>
    public const int LabelsBytesMax = 64 << 10;

    /// <summary>The largest encoded profile, in bytes, so that one message carries it to another node: its interactions, statements and labels, and 32 KiB for the parts that are limited by a count.</summary>
    public const int ProfileBytesMax = HistoryBytesMax + OlderBytesMax + LabelsBytesMax + (32 << 10);

    /// <summary>The largest number of users merged into one, and the largest number of merged users that a read follows.</summary>
    public const int AliasesMax = 16;

    /// <summary>The largest number of users, merged into one directly or through others, that an erasure and a person's export reach; beyond them both are refused.</summary>
    public const int MergedMax = 256;

    /// <summary>The longest key of a row in the control store, in bytes.</summary>
    public const int ControlKeyBytesMax = 200;

    /// <summary>The largest value of a row in the control store, in bytes.</summary>
    public const int ControlValueBytesMax = 64 << 10;

    /// <summary>The longest time by which an interaction may be ahead of the clock.</summary>
    public static readonly TimeSpan FutureMax = TimeSpan.FromHours(24);

    /// <summary>Number of shards of user actors; never changes, because the owner's bytes choose the shard.</summary>
    public const int ShardCount = 256;
}

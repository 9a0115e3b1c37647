namespace RecSys.Cli.Play;

/// <summary>A department of the simulated shop, with the words of its items' names.</summary>
/// <param name="Name">Name of the department, which is the category of its items.</param>
/// <param name="Things">The products, each with a typical price in whole euros; the page has a drawing of each.</param>
/// <param name="Styles">The three styles, each with four adjectives that suit all products; a shopper likes one of them.</param>
internal sealed record ShopDepartment(string Name, (string Thing, int Price)[] Things, (string Style, string[] Words)[] Styles)
{
    /// <summary>All departments.</summary>
    public static readonly ShopDepartment[] All =
    [
        new("Kitchen",
            [
                ("chef's knife", 79), ("bread knife", 45), ("cutting board", 29), ("kettle", 45), ("teapot", 35), ("saucepan", 39), ("casserole", 99), ("stockpot", 59),
            ],
            [("rustic", ["farmhouse", "hand-forged", "country", "heritage"]), ("modern", ["minimal", "compact", "slimline", "professional"]), ("colourful", ["cherry-red", "mint", "sunny yellow", "sky-blue"])]),
        new("Garden",
            [
                ("watering can", 24), ("long-spout watering can", 31), ("bird feeder", 21), ("bird house", 27), ("nesting box", 25), ("plant pot", 16), ("herb planter", 32),
                ("balcony planter", 38),
            ],
            [("cottage", ["cottage", "antique", "country", "manor"]), ("modern", ["sleek", "compact", "minimal", "city"]), ("wild", ["woodland", "meadow", "moss-green", "natural"])]),
        new("Books",
            [
                ("atlas", 35), ("cookbook", 28), ("field guide", 22), ("travel guide", 19), ("history", 24), ("mystery", 12), ("short stories", 14), ("poetry collection", 15),
                ("essay collection", 16), ("love story", 13),
            ],
            [("classic", ["Victorian", "annotated", "clothbound", "rediscovered"]), ("nordic", ["Nordic", "coastal", "midwinter", "Arctic"]), ("bold", ["illustrated", "pop-up", "impossible", "midnight"])]),
        new("Games",
            [
                ("chess set", 59), ("board game", 42), ("strategy game", 55), ("card game", 18), ("deck of cards", 9), ("trivia cards", 22), ("dice set", 11), ("dice game", 16),
            ],
            [("strategic", ["galactic", "medieval", "tournament", "grandmaster"]), ("family", ["woodland", "pirate", "dragon", "treasure"]), ("quick", ["pocket", "two-player", "travel", "five-minute"])]),
        new("Audio",
            [
                ("headphones", 129), ("on-ear headphones", 89), ("headset", 79), ("turntable", 229), ("record player", 179), ("speaker", 149), ("shelf speaker", 119),
                ("floor speaker", 299),
            ],
            [("vintage", ["walnut", "retro", "classic", "brass"]), ("studio", ["studio", "monitor", "balanced", "reference"]), ("portable", ["wireless", "compact", "travel", "featherweight"])]),
        new("Outdoor",
            [
                ("tent", 189), ("dome tent", 149), ("tunnel tent", 259), ("backpack", 99), ("day pack", 59), ("rucksack", 119), ("mountain guide", 22), ("mountain map", 14),
            ],
            [("ultralight", ["ultralight", "featherweight", "minimal", "fast-and-light"]), ("family", ["family", "weekend", "lakeside", "holiday"]), ("alpine", ["alpine", "glacier", "storm", "summit"])]),
        new("Running",
            [
                ("running watch", 199), ("heart-rate watch", 149), ("singlet", 29), ("running vest", 39), ("tank top", 25), ("running shoes", 119), ("racing shoes", 159),
                ("training shoes", 99),
            ],
            [("road", ["city", "tempo", "marathon", "race-day"]), ("trail", ["trail", "mountain", "ridge", "forest"]), ("winter", ["winter", "frost", "night-run", "polar"])]),
        new("Cycling",
            [
                ("helmet", 69), ("visor helmet", 99), ("bell", 12), ("handlebar bell", 15), ("bicycle", 699), ("eight-speed bicycle", 849), ("touring bicycle", 999), ("ladies' bicycle", 749),
            ],
            [("commuter", ["city", "reflective", "commuter", "everyday"]), ("racing", ["aero", "featherweight", "sprint", "time-trial"]), ("gravel", ["gravel", "rugged", "forest-green", "adventure"])]),
        new("Coffee",
            [
                ("moka pot", 29), ("espresso pot", 35), ("pour-over set", 39), ("coffee dripper", 25), ("mug", 14), ("espresso cup", 9), ("cappuccino cup", 12), ("cup and saucer", 19),
            ],
            [("Italian", ["Roman", "Milanese", "chrome", "piccolo"]), ("filter", ["Kyoto", "clear-glass", "precision", "minimal"]), ("homely", ["speckled", "hand-thrown", "morning", "Sunday"])]),
        new("Home",
            [
                ("picture frame", 17), ("framed print", 45), ("desk lamp", 59), ("table lamp", 69), ("bedside lamp", 39), ("vase", 32), ("flower vase", 28), ("armchair", 349),
                ("reading chair", 299),
            ],
            [("scandi", ["birch", "airy", "cosy", "simple"]), ("boho", ["rattan", "terracotta", "indigo", "hand-painted"]), ("art deco", ["grand-hotel", "gilded", "emerald", "salon"])]),
        new("Toys",
            [
                ("plush bear", 24), ("teddy bear", 29), ("cuddly bear", 19), ("toy robot", 49), ("walking robot", 59), ("building blocks", 35), ("stacking blocks", 22), ("shape blocks", 27),
            ],
            [("classic", ["nursery", "heirloom", "grandpa's", "old-time"]), ("science", ["cosmic", "clever", "inventor's", "moon-base"]), ("cuddly", ["sleepy", "rainbow", "tiny", "giggling"])]),
        new("Art",
            [
                ("easel", 69), ("canvas set", 32), ("brush set", 25), ("coloured pencils", 27), ("pencil set", 19), ("markers", 24), ("watercolours", 29), ("oil paints", 45),
                ("gouache", 26),
            ],
            [("studio", ["studio", "professional", "master's", "academy"]), ("beginner", ["first", "weekend", "easy", "travel"]), ("japanese", ["Kyoto", "Hokusai", "indigo", "zen"])]),
    ];
}

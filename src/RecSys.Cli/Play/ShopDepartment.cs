namespace RecSys.Cli.Play;

/// <summary>A department of the simulated shop, with the words of its items' names.</summary>
/// <param name="Name">The category.</param>
/// <param name="Things">The products, each with a typical price in whole euros.</param>
/// <param name="Styles">The three styles, each with its adjectives; a shopper likes one of them.</param>
internal sealed record ShopDepartment(string Name, (string Thing, int Price)[] Things, (string Style, string[] Words)[] Styles)
{
    /// <summary>All departments.</summary>
    public static readonly ShopDepartment[] All =
    [
        new("Kitchen",
            [
                ("skillet", 49), ("saucepan", 39), ("chef's knife", 79), ("cutting board", 29), ("stand mixer", 249), ("kettle", 45), ("bread tin", 19),
                ("pepper mill", 35), ("mortar", 32), ("baking tray", 18), ("colander", 22), ("casserole", 99), ("whisk", 12), ("spice rack", 27),
            ],
            [("rustic", ["cast-iron", "olive-wood", "stoneware", "copper"]), ("modern", ["steel", "glass", "induction", "digital"]), ("colourful", ["enamel", "red", "mint", "sunny"])]),
        new("Garden",
            [
                ("watering can", 24), ("pruning shears", 29), ("raised bed", 89), ("bird feeder", 21), ("lantern", 26), ("trowel", 14), ("compost bin", 69),
                ("garden hose", 38), ("trellis", 33), ("plant pot", 16), ("hammock", 75), ("seed box", 18), ("rain gauge", 13), ("wheelbarrow", 95),
            ],
            [("cottage", ["terracotta", "willow", "cedar", "antique"]), ("modern", ["zinc", "slate", "solar", "folding"]), ("wild", ["bee-friendly", "woodland", "meadow", "moss"])]),
        new("Books",
            [
                ("atlas", 35), ("cookbook", 28), ("field guide", 22), ("mystery", 12), ("space opera", 13), ("biography", 19), ("poetry collection", 15),
                ("short stories", 14), ("history", 24), ("graphic novel", 21), ("travel diary", 17), ("essay collection", 16), ("puzzle book", 9), ("dictionary", 31),
            ],
            [("classic", ["Victorian", "annotated", "clothbound", "forgotten"]), ("nordic", ["Nordic", "coastal", "winter", "quiet"]), ("bold", ["illustrated", "neon", "impossible", "midnight"])]),
        new("Games",
            [
                ("board game", 42), ("card game", 18), ("jigsaw", 16), ("dice set", 11), ("chess set", 59), ("role-playing book", 39), ("party game", 25),
                ("logic puzzle", 14), ("deck builder", 36), ("strategy game", 55), ("trivia box", 22), ("escape room", 24), ("dominoes", 19), ("miniatures", 48),
            ],
            [("strategic", ["galactic", "medieval", "tactical", "merchant"]), ("family", ["woodland", "pirate", "dragon", "treasure"]), ("quick", ["pocket", "two-player", "midnight", "lightning"])]),
        new("Audio",
            [
                ("headphones", 129), ("turntable", 229), ("speaker", 149), ("earbuds", 89), ("microphone", 99), ("amplifier", 299), ("radio", 69),
                ("soundbar", 199), ("record cleaner", 25), ("headphone stand", 29), ("cable set", 19), ("subwoofer", 249), ("music streamer", 179), ("cassette player", 79),
            ],
            [("vintage", ["walnut", "tube", "retro", "brass"]), ("studio", ["studio", "monitor", "balanced", "reference"]), ("portable", ["wireless", "waterproof", "pocket", "folding"])]),
        new("Outdoor",
            [
                ("tent", 189), ("sleeping bag", 119), ("backpack", 99), ("camp stove", 49), ("head torch", 29), ("water filter", 39), ("trekking poles", 59),
                ("camp chair", 45), ("compass", 19), ("dry bag", 17), ("thermos", 27), ("hiking boots", 139), ("rain shell", 129), ("pocket knife", 34),
            ],
            [("ultralight", ["ultralight", "titanium", "trail", "down"]), ("family", ["roomy", "lakeside", "picnic", "cosy"]), ("alpine", ["alpine", "glacier", "storm", "summit"])]),
        new("Running",
            [
                ("running shoes", 119), ("singlet", 29), ("shorts", 35), ("running vest", 79), ("running watch", 199), ("socks", 12), ("hydration belt", 33),
                ("headband", 11), ("tights", 49), ("windbreaker", 75), ("foam roller", 25), ("gaiters", 24), ("arm sleeves", 21), ("reflective band", 9),
            ],
            [("road", ["road", "carbon", "tempo", "city"]), ("trail", ["trail", "grippy", "mud", "ridge"]), ("winter", ["thermal", "merino", "windproof", "night"])]),
        new("Cycling",
            [
                ("helmet", 69), ("bike light", 39), ("saddle", 59), ("pannier", 79), ("bike lock", 45), ("floor pump", 35), ("jersey", 55),
                ("gloves", 25), ("bottle cage", 14), ("multitool", 29), ("bell", 12), ("tyres", 42), ("mudguards", 31), ("repair stand", 119),
            ],
            [("commuter", ["urban", "waxed", "reflective", "leather"]), ("racing", ["aero", "carbon", "climber's", "sprint"]), ("gravel", ["gravel", "bikepacking", "rugged", "tubeless"])]),
        new("Coffee",
            [
                ("espresso machine", 349), ("grinder", 129), ("pour-over set", 39), ("moka pot", 29), ("French press", 35), ("milk frother", 45), ("scale", 32),
                ("tamper", 24), ("cup set", 27), ("cold-brew jar", 31), ("filter papers", 8), ("bean canister", 26), ("gooseneck kettle", 65), ("bean sampler", 22),
            ],
            [("Italian", ["Roman", "chrome", "dark-roast", "piccolo"]), ("filter", ["hario-style", "single-origin", "light-roast", "precision"]), ("homely", ["speckled", "hand-thrown", "morning", "big"])]),
        new("Home",
            [
                ("throw blanket", 49), ("desk lamp", 59), ("candle", 19), ("cushion", 25), ("wall clock", 39), ("rug", 129), ("vase", 32),
                ("bookend", 28), ("mirror", 89), ("side table", 109), ("bed linen", 79), ("picture frame", 17), ("plant stand", 36), ("storage basket", 29),
            ],
            [("scandi", ["birch", "linen", "oatmeal", "simple"]), ("boho", ["rattan", "fringed", "indigo", "woven"]), ("art deco", ["velvet", "gilded", "emerald", "marble"])]),
        new("Toys",
            [
                ("train set", 59), ("building blocks", 35), ("kite", 22), ("plush bear", 24), ("marble run", 45), ("puppet", 19), ("doll's house", 89),
                ("science kit", 39), ("spinning top", 9), ("stacking rings", 16), ("toy robot", 49), ("play kitchen", 119), ("sand toys", 14), ("balance bike", 79),
            ],
            [("wooden", ["wooden", "beech", "heirloom", "hand-painted"]), ("science", ["magnetic", "solar", "coding", "crystal"]), ("cuddly", ["fluffy", "sleepy", "rainbow", "tiny"])]),
        new("Art",
            [
                ("watercolours", 29), ("sketchbook", 15), ("oil paints", 45), ("brush set", 25), ("easel", 69), ("coloured pencils", 27), ("ink set", 22),
                ("canvas pack", 32), ("pottery kit", 55), ("printing set", 38), ("markers", 24), ("gouache", 26), ("embroidery kit", 21), ("paper pad", 12),
            ],
            [("studio", ["professional", "sable", "archival", "pigment-rich"]), ("beginner", ["first", "washable", "easy", "travel"]), ("japanese", ["sumi", "washi", "indigo", "rice-paper"])]),
    ];
}

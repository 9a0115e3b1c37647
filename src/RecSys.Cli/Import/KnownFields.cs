namespace RecSys.Cli.Import;

/// <summary>The fields of each kind of rows, with the column names of common files: MovieLens, Retailrocket, H&amp;M, Amazon reviews, REES46, Last.fm, Book-Crossing, Steam, Goodreads, Instacart, Online Retail.</summary>
internal static class KnownFields
{
    /// <summary>The columns of <c>value</c> that contain amounts, not ratings.</summary>
    public static readonly string[] Amounts =
        ["weight", "plays", "playcount", "playcounts", "listencount", "listens", "count", "quantity", "qty", "hours", "hoursplayed", "playtime", "playduration", "watchratio", "menge", "anzahl"];

    private static readonly string[] UserIds =
    [
        "user", "uid", "customerid", "visitorid", "userkey", "usernumber", "userno", "username", "customer", "customernumber", "customerno", "reviewerid", "clientid", "client", "memberid", "member",
        "accountid", "buyerid", "buyer", "shopperid", "profileid", "personid", "steamid", "authorsteamid", "userhash", "usersha", "usermboxsha1", "kundennummer", "kundennr", "kundenid", "kunde", "benutzer", "benutzerid", "nutzerid", "nutzer", "who",
    ];

    private static readonly string[] ItemIds =
    [
        "item", "iid", "productid", "itemkey", "movieid", "articleid", "sku", "parentasin", "asin", "isbn", "bookid", "artistid", "appid", "gameid", "songid", "trackid", "artid", "artistmbid", "musicbrainzartistid", "traid", "trackmbid", "musicbrainztrackid", "filmid", "showid", "videoid",
        "newsid", "contentid", "docid", "documentid", "recipeid", "animeid", "courseid", "listingid", "offerid", "stockcode", "productnumber", "productno", "productcode", "itemnumber", "itemno", "itemcode",
        "artikelnummer", "artikelnr", "artikelid",
    ];

    // In a file of items, bare nouns such as product are columns of titles.
    private static readonly string[] ItemIdsOfInteractions =
        [.. ItemIds, "artikel", "produktid", "produktnummer", "produkt", "product", "movie", "article", "book", "artist", "game", "song", "track", "film"];

    private static readonly Field[] Interactions =
    [
        new("userId", UserIds) { IsRequired = true },
        new("itemId", ItemIdsOfInteractions) { IsRequired = true },
        new("type", "eventtype", "event", "action", "interactiontype", "interaction", "feedbacktype", "behaviortype", "behaviourtype", "behavior", "behaviour", "eventname", "actiontype", "activity", "verb", "ereignis", "aktion"),
        new("timestamp",
            "ts", "when", "datetime", "eventtime", "eventtimestamp", "unixreviewtime", "unixtime", "unixtimestamp", "epoch", "tdat", "createdat", "created", "occurredat", "happenedat", "orderedat", "purchasedat",
            "playedat", "listenedat", "watchedat", "viewedat", "ratedat", "addedat", "date", "eventdate", "orderdate", "purchasedate", "transactiondate", "invoicedate", "reviewdate", "ratingdate", "dateadded", "dateupdated",
            "purchasetime", "ordertime", "transactiontime", "checkintime", "localtime", "timestampms", "timems", "datum", "zeitpunkt", "zeitstempel", "bestelldatum", "kaufdatum", "time", "day", "reviewtime", "zeit"),
        new("value", ["rating", "score", "stars", "overall", "bookrating", "userrating", "ratingvalue", "ratingscore", "reviewscore", "reviewrating", "reviewoverall", "starrating", "bewertung", "note", .. Amounts]),
        new("id", "eventid", "interactionid", "reviewid", "ratingid", "uuid"),
        new("recommendationId"),
        new("location"),
        new("device", "devicetype"),
        new("context") { IsJson = true },
    ];

    private static readonly Field[] Items =
    [
        new("itemId", [.. ItemIds, "id", "artikel", "produktid", "produktnummer", "handle"]) { IsRequired = true },
        new("title",
            "name", "productname", "producttitle", "itemname", "itemtitle", "prodname", "displayname", "booktitle", "movietitle", "movienames", "moviename", "originaltitle", "artistname", "appname", "gametitle", "gamename",
            "articlename", "songtitle", "songname", "trackname", "artname", "traname", "trackartist", "product", "titel", "bezeichnung", "produktname", "artikelname", "artikelbezeichnung", "produktbezeichnung", "artikel", "headline") { MayBeList = true },
        new("categories",
            "category", "genres", "genre", "categorycode", "producttypename", "producttype", "productgroupname", "productgroup", "productcategory", "categoryname", "maincategory", "department", "departmentname", "aisle",
            "kategorie", "kategorien", "warengruppe", "rubrik", "categoryid") { MayBeList = true },
        new("text", "description", "detaildesc", "longdescription", "shortdescription", "productdescription", "body", "summary", "overview", "plot", "synopsis", "abstract", "beschreibung", "langtext", "kurztext", "bodyhtml") { MayBeList = true },
        new("availableFrom", "validfrom", "onlinefrom", "gueltigab", "verfuegbarab"),
        new("availableUntil", "availableto", "validuntil", "validto", "onlineuntil", "expires", "expiresat", "gueltigbis", "verfuegbarbis"),
        new("hidden", "ishidden"),
        new("price", "preis", "unitprice", "saleprice", "listprice", "regularprice", "verkaufspreis", "variantprice") { MayBeLabel = true },
        new("currency", "waehrung", "währung", "currencycode") { MayBeLabel = true },
        new("image", "imageurl", "imageurll", "imageurlm", "imagelink", "images", "picture", "pictureurl", "img", "thumbnail", "bild", "bildurl", "imagesrc") { MayBeLabel = true },
        new("url", "link", "producturl", "itemurl", "permalink") { MayBeLabel = true },
        new("stock", "instock", "stockquantity", "inventory", "availability", "bestand", "lagerbestand", "variantinventoryqty") { MayBeLabel = true },
        new("labels") { IsJson = true },
        new("deleted") { IsJson = true },
    ];

    private static readonly Field[] Users =
    [
        new("userId", [.. UserIds, "id"]) { IsRequired = true },
        new("consent", "hasconsent", "profilingconsent", "einwilligung"),
        new("labels") { IsJson = true },
        new("mergedFrom") { IsJson = true },
    ];

    /// <summary>Gets the fields of a kind of rows.</summary>
    public static IReadOnlyList<Field> Of(ImportKind kind) => kind switch
    {
        ImportKind.Interactions => Interactions,
        ImportKind.Items => Items,
        _ => Users,
    };
}

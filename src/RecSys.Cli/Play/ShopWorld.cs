using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Numerics;

namespace RecSys.Cli.Play;

/// <summary>A simulated shop with a history: titled items in departments, shoppers with tastes, a month of interactions.</summary>
/// <remarks>
/// A shopper's taste is a weight per department and one liked style in each, so that recommendations can be better than categories. All data
/// is computed from the seed and the given time: no file, no network, no clock.
/// </remarks>
internal sealed partial class ShopWorld
{
    private const long DayMs = 86_400_000;

    /// <summary>Share of items that were added in the last three days and have few interactions.</summary>
    private const double NewShare = 0.04;

    /// <summary>Activity of a shopper that can be chosen on the page, as a multiple of the mean: enough visits to show all tastes.</summary>
    private const double FeaturedActivity = 3;

    private readonly ShopWorldOptions _options;
    private readonly long _nowMs;
    private readonly Product[] _products;
    private readonly int[][] _byDepartment;
    private readonly Shopper[] _shoppers;

    /// <summary>Creates a shop whose history ends at a time.</summary>
    public ShopWorld(ShopWorldOptions options, DateTimeOffset now)
    {
        _options = options;
        _nowMs = now.ToUnixTimeMilliseconds();
        _products = MakeProducts();
        _byDepartment = [.. ShopDepartment.All.Select((_, department) =>
            Enumerable.Range(0, _products.Length).Where(product => _products[product].Department == department).ToArray())];
        _shoppers = MakeShoppers();
    }

    /// <summary>Gets the twelve shoppers that can be chosen on the page.</summary>
    public IReadOnlyList<FeaturedShopper> Featured =>
        [.. _shoppers.Take(FeaturedNames.Length).Select(shopper => new FeaturedShopper(shopper.Id.Value, shopper.Name, Tastes(shopper)))];

    /// <summary>Gets the departments' names.</summary>
    public static IReadOnlyList<string> Categories => [.. ShopDepartment.All.Select(department => department.Name)];

    /// <summary>Returns all records: the items in the order of time, the shoppers, then the interactions in the order of time.</summary>
    public IEnumerable<LogRecord> Records() => [.. Items(), .. Users(), .. Interactions()];

    private IEnumerable<LogRecord> Items() =>
        _products.Select(product => new LogRecord.ItemChanged(product.Id, product.Content, product.AddedAtMs)).OrderBy(item => item.TimestampMs);

    private IEnumerable<LogRecord> Users()
    {
        foreach (Shopper shopper in _shoppers)
        {
            ImmutableSortedDictionary<string, string> labels = ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal,
                [
                    KeyValuePair.Create("name", Json(shopper.Name)),
                    KeyValuePair.Create("likes", "[" + string.Join(',', Tastes(shopper).Select(Json)) + "]"),
                ]);
            yield return new LogRecord.UserChanged(shopper.Id, labels, Consent: true, IsPatch: false, _nowMs - (_options.Days * DayMs));
        }
    }

    private Product[] MakeProducts()
    {
        SeededRandom random = new(_options.Seed, stream: 1);
        List<(int Department, int Thing, int Style, int Word)> all = [];
        for (int department = 0; department < ShopDepartment.All.Length; department++)
        {
            for (int thing = 0; thing < ShopDepartment.All[department].Things.Length; thing++)
            {
                for (int word = 0; word < 12; word++)
                {
                    all.Add((department, thing, word / 4, word % 4));
                }
            }
        }

        (int Department, int Thing, int Style, int Word)[] chosen = [.. all];
        random.Shuffle<(int, int, int, int)>(chosen);
        Product[] products = new Product[Math.Min(_options.ItemCount, chosen.Length)];
        for (int i = 0; i < products.Length; i++)
        {
            (int department, int thing, int style, int word) = chosen[i];
            ShopDepartment shop = ShopDepartment.All[department];
            (string name, int usual) = shop.Things[thing];
            string brand = Brands[random.NextInt(Brands.Length)];
            bool isNew = random.NextDouble() < NewShare;
            long age = isNew ? (long)(random.NextDouble() * 3 * DayMs) : (long)((_options.Days + (random.NextDouble() * 60)) * DayMs);
            decimal price = (decimal)Math.Max(4, Math.Round(usual * (0.7 + (0.8 * random.NextDouble())))) - 0.05m;
            products[i] = new Product(
                new ItemId(string.Create(CultureInfo.InvariantCulture, $"p-{i + 1:0000}")),
                department,
                style,
                Popularity: Math.Pow(random.NextDouble(), 3) + 0.02,
                AddedAtMs: _nowMs - age,
                IsNew: isNew,
                new ItemContent
                {
                    Title = Capitalised($"{brand} {shop.Styles[style].Words[word]} {name}"),
                    Categories = [shop.Name],
                    Labels = ImmutableSortedDictionary.CreateRange(
                        StringComparer.Ordinal,
                        [
                            KeyValuePair.Create("brand", Json(brand)),
                            KeyValuePair.Create("kind", Json(name)),
                            KeyValuePair.Create("style", Json(shop.Styles[style].Style)),
                        ]),
                    Text = $"{Capitalised(shop.Styles[style].Style)} style, from our {shop.Name} department.",
                    Price = price,
                    Currency = "EUR",
                });
        }

        return products;
    }

    private Shopper[] MakeShoppers()
    {
        SeededRandom random = new(_options.Seed, stream: 2);
        Shopper[] shoppers = new Shopper[_options.ShopperCount];
        int departments = ShopDepartment.All.Length;
        for (int i = 0; i < shoppers.Length; i++)
        {
            double[] tastes = new double[departments];
            int[] styles = new int[departments];
            Array.Fill(tastes, 0.02);
            int[] liked = [.. Enumerable.Range(0, departments)];
            random.Shuffle<int>(liked);
            bool isMixed = i % 3 == 2; // such a shopper likes three departments alike
            for (int taste = 0; taste < 3; taste++)
            {
                tastes[liked[taste]] += isMixed ? 0.7 : taste == 0 ? 1.0 : 0.5;
            }

            for (int department = 0; department < departments; department++)
            {
                styles[department] = random.NextInt(3);
            }

            string name = i < FeaturedNames.Length
                ? FeaturedNames[i]
                : $"{FirstNames[random.NextInt(FirstNames.Length)]} {(char)('A' + random.NextInt(26))}.";
            string id = i < FeaturedNames.Length
                ? FeaturedNames[i].ToLowerInvariant()
                : string.Create(CultureInfo.InvariantCulture, $"shopper-{i + 1:0000}");
            double activity = i < FeaturedNames.Length ? FeaturedActivity : Math.Exp((random.NextGaussian() * 0.7) - 0.25);
            shoppers[i] = new Shopper(new UserId(id), name, tastes, styles, activity);
        }

        return shoppers;
    }

    private static string[] Tastes(Shopper shopper) =>
    [
        .. Enumerable.Range(0, shopper.Tastes.Length)
            .Where(department => shopper.Tastes[department] > 0.4)
            .OrderByDescending(department => shopper.Tastes[department])
            .Select(department => $"{ShopDepartment.All[department].Name}, {ShopDepartment.All[department].Styles[shopper.Styles[department]].Style}"),
    ];

    private static string Json(string text) => "\"" + JsonEncodedText.Encode(text) + "\"";

    private static string Capitalised(string text) => char.ToUpperInvariant(text[0]) + text[1..];

    /// <summary>An item and its appeal to shoppers.</summary>
    private sealed record Product(
        ItemId Id, int Department, int Style, double Popularity, long AddedAtMs, bool IsNew, ItemContent Content);

    /// <summary>A shopper, with a weight per department and the liked style in it.</summary>
    private sealed record Shopper(UserId Id, string Name, double[] Tastes, int[] Styles, double Activity);
}

/// <summary>A shopper that can be chosen on the page.</summary>
/// <param name="UserId">User id of the shopper.</param>
/// <param name="Name">Name of the shopper.</param>
/// <param name="Tastes">The shopper's tastes, strongest first.</param>
internal sealed record FeaturedShopper(string UserId, string Name, IReadOnlyList<string> Tastes);

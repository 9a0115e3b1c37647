using RecSys.Core.Log;
using RecSys.Numerics;

namespace RecSys.Cli.Play;

internal sealed partial class ShopWorld
{
    /// <summary>Share of views outside a shopper's tastes.</summary>
    private const double WanderShare = 0.12;

    /// <summary>Factor by which a liked style is preferred.</summary>
    private const double StyleLift = 6;

    private const int ViewsPerVisit = 6;

    private IEnumerable<LogRecord> Interactions()
    {
        SeededRandom random = new(_options.Seed, stream: 3);
        int risingDepartment = random.NextInt(ShopDepartment.All.Length);
        List<LogRecord.Interaction> all = new(_options.ShopperCount * _options.InteractionsPerShopper);
        foreach (Shopper shopper in _shoppers)
        {
            double visits = Math.Max(1, shopper.Activity * _options.InteractionsPerShopper / (ViewsPerVisit + 2));
            for (int visit = 0; visit < visits; visit++)
            {
                // On the last day one department is viewed more than usual, so that it trends.
                double daysAgo = random.NextDouble() * _options.Days;
                bool isRising = daysAgo < 1 && random.NextDouble() < 0.4;
                Visit(ref random, shopper, isRising ? risingDepartment : null, _nowMs - (long)(daysAgo * DayMs), all);
            }
        }

        return all.Where(interaction => interaction.TimestampMs < _nowMs).OrderBy(interaction => interaction.TimestampMs);
    }

    private void Visit(ref SeededRandom random, Shopper shopper, int? rising, long startMs, List<LogRecord.Interaction> into)
    {
        int department = rising
            ?? (random.NextDouble() < WanderShare ? random.NextInt(shopper.Tastes.Length) : Draw(ref random, shopper.Tastes));
        int[] shelf = _byDepartment[department];
        double[] wanted = new double[shelf.Length];
        for (int i = 0; i < shelf.Length; i++)
        {
            Product product = _products[shelf[i]];
            bool isThere = product.AddedAtMs <= startMs;
            wanted[i] = !isThere ? 0 : product.Popularity * (product.Style == shopper.Styles[department] ? StyleLift : 1) * (product.IsNew ? 0.2 : 1);
        }

        long atMs = startMs;
        int views = 2 + random.NextInt(ViewsPerVisit);
        for (int view = 0; view < views; view++)
        {
            int at = Draw(ref random, wanted);
            if (wanted[at] == 0)
            {
                return; // no item is left to view
            }

            Product product = _products[shelf[at]];
            wanted[at] = 0; // once per visit
            bool isLiked = product.Style == shopper.Styles[department] && shopper.Tastes[department] > 0.4;
            Add("view");
            if (random.NextDouble() < (isLiked ? 0.45 : 0.12))
            {
                Add("click");
                if (random.NextDouble() < (isLiked ? 0.4 : 0.1))
                {
                    Add("addToCart");
                    if (random.NextDouble() < 0.5)
                    {
                        Add("purchase");
                    }
                }
                else if (random.NextDouble() < (isLiked ? 0.15 : 0.02))
                {
                    Add("like");
                }
                else if (!isLiked && random.NextDouble() < 0.04)
                {
                    Add("dislike");
                }
            }

            void Add(string type) =>
                into.Add(new LogRecord.Interaction(shopper.Id, product.Id, type, atMs += 5_000 + (long)(product.Popularity * 20_000)));
        }
    }

    private static int Draw(ref SeededRandom random, double[] weights)
    {
        double left = random.NextDouble() * weights.Sum();
        for (int i = 0; i < weights.Length; i++)
        {
            left -= weights[i];
            if (left < 0)
            {
                return i;
            }
        }

        return weights.Length - 1;
    }
}

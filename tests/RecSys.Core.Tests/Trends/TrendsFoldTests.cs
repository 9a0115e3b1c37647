using System.Buffers;
using System.Text;
using CsCheck;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Trends;
using Xunit;

namespace RecSys.Core.Tests.Trends;

public sealed class TrendsFoldTests
{
    private const long Hour = 3_600_000;
    private const long Start = 1_764_000_000_000; // 2025-11-24 16:00 UTC

    /// <summary>The state that version 1 saved for ann's view of x at the start, bob's after 90 minutes, and ann's view of y after 180 minutes.</summary>
    private const string SavedByVersion1 =
        "AQABAwDol7aaAQAAAwMNHxK4GWxSsNtEpUKcgyMCAOiXtpoBAADATeq2mgEAAICzPLeaAQAAAAAAAAAAAAAAAgF4AAF5AAEAAIB+aat5QgAAgH5pq3lCAACAfmmreUIAAIB+aat5QgAAAAAAAAhA6KqgzwI8AEBWe6uddwgAQAAAAAAAAABAAAAAAAAAAEDRVUGfBXjwP6z2VjvvEPA/AAAAAAAA8D8BAQEAAAAAAADwPwAAAEAzM8M/AQEAAIA/AAAAQDMzwz8AAAAAAADwPwEAmpkZPgKSiTF0TRfH7qffRyYKWg/HAQANHxK4GWxSsNtEpUKcgyMCAgABa2SmAi+szbU=";

    /// <summary>The same, as version 2 saved it.</summary>
    private const string SavedByVersion2 =
        "AgABAwDol7aaAQAAAwMNHxK4GWxSsNtEpUKcgyMCAOiXtpoBAADATeq2mgEAAICzPLeaAQAAAAAAAAAAAAAAAAAAAAAAAIAAAgF4AAF5AOhoAFdG6B1BY+V2Amzw00CiuNTbVsumQAAAAAAAAABAAAAAAEToHUFVVVVVLfDTQGIYhmFYyaZAAAAAAAAA8D8BAQEAAAAAAADwPwAAAEAzM8M/AQEAAIA/AAAAQDMzwz8AAAAAAADwPwEAmpkZPgKSiTF0TRfH7qffRyYKWg/HAQANHxK4GWxSsNtEpUKcgyMCAgABumh5D8PR7So=";

    /// <summary>The same, as version 3 saved it.</summary>
    private const string SavedByVersion3 =
        "AwABAwDol7aaAQAAAwMNHxK4GWxSsNtEpUKcgyMCAOiXtpoBAADATeq2mgEAAICzPLeaAQAAAAAAAAAAAAAAAAAAAAAAAIAAAgF4AAABeQAA6GgAV0boHUFj5XYCbPDTQKK41NtWy6ZAAAAAAAAAAEDoaABXRugdQWPldgJs8NNAorjU21bLpkAAAAAAAAAAQAAAAABE6B1BVVVVVS3w00BiGIZhWMmmQAAAAAAAAPA/AAAAAEToHUFVVVVVLfDTQGIYhmFYyaZAAAAAAAAA8D8BAQEAAAAAAADwPwAAAEAzM8M/AQEAAIA/AAAAQDMzwz8AAAAAAADwPwEAmpkZPgKSiTF0TRfH7qffRyYKWg/HAQABAQAAAAAAAAAAgNbOtpoBAAAAAIA/AAANHxK4GWxSsNtEpUKcgyMCAgABAgEAAAAAAAAAAADol7aaAQAAAACAPwAAAgAAAAAAAAAAgNbOtpoBAAAAAIA/AAC65r70ybxeGQ==";

    /// <summary>Number of users without weight that each score includes.</summary>
    private const double Prior = 3;

    private static readonly TrendsOptions UsersMin1 = new() { UsersMin = 1 };

    /// <summary>Random interactions over few items and users, with a few changes of items and erasures.</summary>
    private static readonly Gen<LogRecord> Record = Gen.Frequency(
        (20, Gen.Select(Gen.Int[0, 15], Gen.Int[0, 40], Records.Type, Gen.Int[0, 300], Gen.Int[1, 5]).Select((user, item, type, minutes, value) =>
            (LogRecord)new LogRecord.Interaction(new($"user-{user}"), new($"item-{item}"), type, Start + (minutes * 60_000)) { Value = value, Id = value == 5 ? $"i{minutes % 40}" : null })),
        (2, Gen.Select(Gen.Int[0, 15], Gen.Int[0, 40]).Select((user, id) => (LogRecord)new LogRecord.InteractionRetracted(new($"user-{user}"), $"i{id}", Start))),
        (2, Gen.Select(Gen.Int[0, 40], Gen.Int[0, 3].Array[0, 2], Gen.Int[0, 4]).Select((item, categories, deleted) =>
            (LogRecord)new LogRecord.ItemChanged(
                new($"item-{item}"),
                deleted == 0 ? null : new ItemContent { Categories = [.. categories.Select(number => $"c{number}")] },
                Start))),
        (1, Gen.Int[0, 15].Select(user => (LogRecord)new LogRecord.PersonErased(Records.Hash.Of(new($"user-{user}")), LogPosition.Start, Start))));

    /// <summary>Random records, most of them purchases; a category has more items than the list of its best next items.</summary>
    private static readonly Gen<LogRecord> PurchaseRecord = Gen.Frequency(
        (12, Gen.Select(Gen.Int[0, 9], Gen.Int[0, 60], Gen.Int[0, 600], Gen.Int[0, 40]).Select((user, item, minutes, id) =>
            (LogRecord)new LogRecord.Interaction(new($"user-{user}"), new($"item-{item}"), "purchase", Start + (minutes * 60_000)) { Id = id < 20 ? $"i{id}" : null })),
        (4, Gen.Select(Gen.Int[0, 9], Gen.Int[0, 60], Records.Type, Gen.Int[0, 600]).Select((user, item, type, minutes) =>
            (LogRecord)new LogRecord.Interaction(new($"user-{user}"), new($"item-{item}"), type, Start + (minutes * 60_000)))),
        (6, Gen.Select(Gen.Int[0, 60], Gen.Int[0, 9]).Select((item, deleted) => (LogRecord)new LogRecord.ItemChanged(
            new($"item-{item}"), deleted == 0 ? null : new ItemContent { Categories = [$"c{item % 2}", .. item % 7 == 0 ? new[] { "c3" } : []] }, Start))),
        (1, Gen.Select(Gen.Int[0, 9], Gen.Int[0, 20]).Select((user, id) => (LogRecord)new LogRecord.InteractionRetracted(new($"user-{user}"), $"i{id}", Start))),
        (1, Gen.Int[0, 9].Select(user => (LogRecord)new LogRecord.PersonErased(Records.Hash.Of(new($"user-{user}")), LogPosition.Start, Start))));

    [Fact]
    public void Any_chunks_and_any_repeats_give_the_same_trends() => Gen.Select(Record.Array[0, 200], Gen.Int[1, 100]).Sample((records, chunk) =>
    {
        LogEntry[] log = ToEntries(records);
        CatalogueFold catalogue = new();
        catalogue.Apply(0, 0, log);
        TrendsFold whole = new();
        whole.Apply(0, 0, log, catalogue.Current, InteractionTypes.Default);
        TrendsFold pieces = new();
        for (int start = 0; start < log.Length; start += chunk)
        {
            pieces.Apply(0, 0, log.AsSpan(start, Math.Min(chunk, log.Length - start)), catalogue.Current, InteractionTypes.Default);
            pieces.Apply(0, 0, log.AsSpan(0, start), catalogue.Current, InteractionTypes.Default);
        }

        Assert.Equal(whole.Encode().ToArray(), pieces.Encode().ToArray());
    });

    [Fact]
    public void Loaded_trends_equal_the_saved_ones_and_continue_alike() => Gen.Select(Record.Array[0, 200], Record.Array[0, 60]).Sample((records, more) =>
    {
        TrendsFold fold = Fold(records);
        TrendsFold read = TrendsFold.Decode(fold.Encode());
        Assert.Equal(fold.Position, read.Position);
        Assert.Equal(fold.Encode().ToArray(), read.Encode().ToArray());

        LogEntry[] rest = ToEntries(more, records.Length);
        ItemCatalogue catalogue = new CatalogueFold().Current;
        fold.Apply(0, 0, rest, catalogue, InteractionTypes.Default);
        read.Apply(0, 0, rest, catalogue, InteractionTypes.Default);
        Assert.Equal(fold.Encode().ToArray(), read.Encode().ToArray());
        foreach (TrendWindow window in Enum.GetValues<TrendWindow>())
        {
            Assert.Equal(fold.GetTrending(null, window, 50, Start), read.GetTrending(null, window, 50, Start));
            Assert.Equal(fold.GetTrending("c1", window, 50, Start), read.GetTrending("c1", window, 50, Start));
        }
    });

    [Fact]
    public void A_score_is_the_decayed_sum_of_interactions_and_lower_where_users_are_few() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 3_000_000]).Array[1, 60].Sample(rows =>
        {
            // All times are within 50 minutes: less than the hour by which a record may be ahead of the log's clock.
            (int Item, int AfterMs)[] sorted = [.. rows.OrderBy(row => row.Item2)];
            TrendsFold fold = new(UsersMin1);
            fold.Apply(
                0,
                0,
                ToEntries(sorted.Select((row, i) => (LogRecord)new LogRecord.Interaction(
                    new($"user-{i}"), new($"item-{row.Item}"), "click", Start + row.AfterMs))),
                new CatalogueFold().Current,
                InteractionTypes.Default);

            long now = Start + (3 * Hour);
            foreach ((TrendWindow window, double halfLife) in new[] { (TrendWindow.Hour, 1.0), (TrendWindow.Day, 24), (TrendWindow.Week, 168), (TrendWindow.AllTime, double.PositiveInfinity) })
            {
                Dictionary<string, double> expected = sorted.GroupBy(row => $"item-{row.Item}").ToDictionary(
                    group => group.Key,
                    group => ScoreOf(group.Select(row => (2.0, Start + row.AfterMs)), now, halfLife));
                IReadOnlyList<ScoredItem> found = fold.GetTrending(null, window, 10, now);
                Assert.Equal(expected.Count, found.Count);
                Assert.All(found, scored => Assert.Equal(1, scored.Score / expected[scored.Item.Value], 1e-5));
                Assert.Equal(found.OrderByDescending(scored => scored.Score), found);
            }
        });

    [Fact]
    public void The_best_of_many_items_are_exact_in_every_window() => Gen.Int[0, 2_999].Array[6_000].Sample(items =>
    {
        // New items are added continuously over hundreds of half-lives: old sums become tiny and lists are cut.
        TrendsFold fold = new(UsersMin1);
        LogEntry[] log = ToEntries(items.Select((item, i) => (LogRecord)new LogRecord.Interaction(
            new($"user-{i % 7}"), new($"item-{item * item / 3_000}"), "view", Start + (i * Hour / 4))));
        fold.Apply(0, 0, log, new CatalogueFold().Current, InteractionTypes.Default);
        long now = Start + (items.Length * Hour / 4);
        double[] halfLives = [1, 24, 168];
        for (int window = 0; window < halfLives.Length; window++)
        {
            (string Item, double Weight)[] expected =
            [
                .. items.Select((item, i) => (Item: $"item-{item * item / 3_000}", User: i % 7, TimeMs: Start + (i * Hour / 4)))
                    .GroupBy(row => row.Item)
                    .Select(group => (group.Key, ScoreOf(group.GroupBy(row => row.User).Select(user => (1.0, user.Max(row => row.TimeMs))), now, halfLives[window])))
                    .OrderByDescending(row => row.Item2)
                    .Take(TrendsFold.TrendingMax),
            ];
            IReadOnlyList<ScoredItem> found = fold.GetTrending(null, (TrendWindow)window, TrendsFold.TrendingMax, now);
            for (int i = 0; i < found.Count; i++)
            {
                Assert.Equal(expected[i].Weight, found[i].Score, (1e-4 * expected[i].Weight) + float.Epsilon);
            }

            Assert.Equal(expected.Count(row => (float)row.Weight > 0), found.Count);
        }
    }, iter: 3);

    [Fact]
    public void Scores_are_those_of_the_definition_after_repeats_retractions_and_erasures() =>
        Gen.Frequency(
            (20, Gen.Select(Gen.Int[0, 6], Gen.Int[0, 5], Gen.Int[0, 8], Gen.Int[0, 50], Gen.Select(Gen.Int[1, 5], Gen.Int[0, 40])).Select((user, item, type, minutes, more) =>
                (LogRecord)new LogRecord.Interaction(new($"user-{user}"), new($"item-{item}"), InteractionTypes.Default.All[type].Name, Start + (minutes * 60_000))
                {
                    Value = more.Item1,
                    Id = more.Item2 > 20 ? null : $"i{more.Item2}",
                })),
            (4, Gen.Select(Gen.Int[0, 6], Gen.Int[0, 20]).Select((user, id) => (LogRecord)new LogRecord.InteractionRetracted(new($"user-{user}"), $"i{id}", Start))),
            (1, Gen.Int[0, 6].Select(user => (LogRecord)new LogRecord.PersonErased(Records.Hash.Of(new($"user-{user}")), LogPosition.Start, Start)))).Array[0, 120]
        .Sample(records =>
        {
            // Each item first gets a view of a user of its own: the fold ignores a negative interaction with an item that it does not have.
            LogRecord[] all = [.. Enumerable.Range(0, 6).Select(item => Viewed($"first-{item}", $"item-{item}", 0)), .. records];
            TrendsFold fold = Fold(UsersMin1, all);
            long now = Start + (2 * Hour);
            foreach (IGrouping<ItemId, LogRecord.Interaction> item in Held(all).GroupBy(act => act.Item))
            {
                (double Weight, long TimeMs)[] parts = [.. item.GroupBy(act => act.User).Select(PartOf).Where(part => part.Weight > 0)];
                foreach ((TrendWindow window, double halfLife) in new[] { (TrendWindow.Hour, 1.0), (TrendWindow.Week, 168), (TrendWindow.AllTime, double.PositiveInfinity) })
                {
                    float found = fold.GetTrending(null, window, 10, now).FirstOrDefault(scored => scored.Item == item.Key).Score;
                    Assert.Equal(ScoreOf(parts, now, halfLife), found, 1e-4);
                }
            }
        });

    [Fact]
    public void One_user_counts_once_however_often_they_return()
    {
        LogRecord[] others = [.. Enumerable.Range(0, 9).Select(i => Viewed($"user-{i}", "liked by many", i)), .. Enumerable.Range(0, 3).Select(i => Viewed($"user-{i}", "bot's", i))];
        TrendsFold fold = Fold([.. others, .. Enumerable.Range(0, 20_000).Select(i => Viewed("bot", "bot's", i / 1_000) with { Id = i % 2 == 0 ? $"i{i}" : null })]);

        Assert.All(Enum.GetValues<TrendWindow>(), window => Assert.Equal(["liked by many", "bot's"], Names(fold.GetTrending(null, window, 9, Start + Hour))));
    }

    [Fact]
    public void One_user_who_goes_round_many_items_counts_once_per_item()
    {
        const int Items = 2_000;
        TrendsFold fold = Fold(UsersMin1, [.. Enumerable.Range(0, 10 * Items).Select(i => Viewed("bot", $"item-{i % Items}", i / 100))]);

        Assert.All(fold.GetTrending(null, TrendWindow.AllTime, 256, Start), scored => Assert.Equal(1 / (1 + Prior), scored.Score, 1e-6));
    }

    [Fact]
    public void An_item_whose_interactions_were_all_retracted_erased_or_replaced_by_dislikes_is_in_no_list()
    {
        LogRecord[] bought = [.. Enumerable.Range(0, 50).Select(i => Did($"user-{i}", "returned", "purchase") with { Id = $"i{i}" })];
        LogRecord[] others = [.. Enumerable.Range(0, 5).Select(i => Viewed($"viewer-{i}", "other", i))];
        LogRecord[][] taken =
        [
            [.. Enumerable.Range(0, 50).Select(i => new LogRecord.InteractionRetracted(new($"user-{i}"), $"i{i}", Start))],
            [.. Enumerable.Range(0, 50).Select(i => new LogRecord.PersonErased(Records.Hash.Of(new($"user-{i}")), LogPosition.Start, Start))],
            [.. Enumerable.Range(0, 50).Select(i => Did($"user-{i}", "returned", "dislike") with { TimestampMs = Start + 1 })],
        ];

        foreach (LogRecord[] back in taken)
        {
            TrendsFold fold = Fold([.. bought, .. others, .. back, .. back is [LogRecord.InteractionRetracted, ..] ? bought : []]);
            Assert.All(Enum.GetValues<TrendWindow>(), window => Assert.Equal(["other"], Names(fold.GetTrending(null, window, 9, Start + Hour))));
        }
    }

    [Fact]
    public void The_next_best_of_many_items_are_listed_once_the_best_are_retracted()
    {
        const int Items = 3_000;
        IEnumerable<LogRecord> acts = Enumerable.Range(0, Items).SelectMany(item => Enumerable.Range(0, 1 + (item / 300)).Select(user =>
            (LogRecord)(Viewed($"user-{item}-{user}", $"item-{item}", item / 100) with { Id = "i" })));
        IEnumerable<LogRecord> back = Enumerable.Range(Items - 900, 900).SelectMany(item => Enumerable.Range(0, 1 + (item / 300)).Select(user =>
            (LogRecord)new LogRecord.InteractionRetracted(new($"user-{item}-{user}"), "i", Start)));
        TrendsFold fold = Fold(UsersMin1, [.. acts, .. back]);

        IReadOnlyList<ScoredItem> found = fold.GetTrending(null, TrendWindow.AllTime, TrendsFold.TrendingMax, Start);
        Assert.Equal(TrendsFold.TrendingMax, found.Count);
        Assert.All(found, scored => Assert.Equal(7 * 7 / (7 + Prior), scored.Score, 1e-4));
    }

    [Fact]
    public void A_deleted_item_that_gets_new_interactions_keeps_none_of_the_old_ones()
    {
        LogRecord[] before = [Viewed("ann", "x", 0) with { Id = "a" }, Viewed("bob", "x", 1), new LogRecord.ItemChanged(new("x"), null, Start)];
        TrendsFold fold = Fold(
            UsersMin1, [.. before, Viewed("cid", "x", 2), Viewed("bob", "x", 3), new LogRecord.InteractionRetracted(new("ann"), "a", Start), new LogRecord.PersonErased(Records.Hash.Of(new("ann")), LogPosition.Start, Start)]);

        Assert.Equal(2 * 2 / (2 + Prior), Assert.Single(fold.GetTrending(null, TrendWindow.AllTime, 9, Start)).Score, 1e-6);
    }

    [Fact]
    public void Each_user_of_an_item_is_counted_once_and_not_after_a_retraction()
    {
        TrendsFold fold = Fold(
            [
                Viewed("ann", "x", 0), Viewed("ann", "x", 1), Viewed("bob", "x", 2) with { Id = "b" }, Did("cid", "x", "like"), Viewed("ann", "y", 3),
                new LogRecord.InteractionRetracted(new("bob"), "b", Start),
            ]);

        Assert.Equal((2, 1, 0), (fold.GetUserCount(new("x")), fold.GetUserCount(new("y")), fold.GetUserCount(new("unknown"))));
        Assert.Equal(2, TrendsFold.Decode(fold.Encode()).GetUserCount(new("x")));
    }

    [Fact]
    public void The_first_interaction_with_an_item_is_known_until_the_item_is_deleted()
    {
        LogRecord[] records = [Viewed("ann", "x", 5), Viewed("bob", "x", 2), Viewed("ann", "x", 9), Did("cid", "y", "hide")];
        TrendsFold fold = Fold(records);

        Assert.Equal(((long?)(Start + 120_000), (long?)null, (long?)null), (fold.GetFirstInteractionMs(new("x")), fold.GetFirstInteractionMs(new("y")), fold.GetFirstInteractionMs(new("unknown"))));
        Assert.Equal(Start + 120_000, TrendsFold.Decode(fold.Encode()).GetFirstInteractionMs(new("x")));
        Assert.Null(Fold([.. records, new LogRecord.ItemChanged(new("x"), null, Start)]).GetFirstInteractionMs(new("x")));
    }

    [Fact]
    public void An_item_of_few_users_scores_lower_than_one_of_many_with_the_same_sum_of_weights()
    {
        TrendsFold fold = Fold(
            [
                .. Enumerable.Range(0, 3).Select(i => Did($"buyer-{i}", "bought by three", "purchase")),
                .. Enumerable.Range(0, 24).Select(i => Did($"viewer-{i}", "viewed by many", "view")),
            ]);

        Assert.Equal(["viewed by many", "bought by three"], Names(fold.GetTrending(null, TrendWindow.Day, 9, Start)));
    }

    [Fact]
    public void An_item_trends_once_enough_distinct_users_touched_it()
    {
        LogRecord[] records = [Viewed("ann", "x", 0), Viewed("ann", "x", 1), Viewed("bob", "x", 2), Viewed("ann", "x", 3)];
        Assert.Empty(Fold(records).GetTrending(null, TrendWindow.Day, 10, Start));
        Assert.Equal("x", Assert.Single(Fold([.. records, Viewed("cid", "x", 4)]).GetTrending(null, TrendWindow.Day, 10, Start)).Item.Value);
    }

    [Fact]
    public void Only_interactions_of_positive_weight_count()
    {
        TrendsFold fold = new(UsersMin1);
        fold.Apply(
            0,
            0,
            ToEntries([Did("ann", "bad", "dislike"), Did("ann", "odd", "watched"), Did("ann", "poor", "rating") with { Value = 1 }, Did("ann", "good", "rating") with { Value = 5 }]),
            new CatalogueFold().Current,
            InteractionTypes.Default);

        Assert.Equal(["good"], fold.GetTrending(null, TrendWindow.AllTime, 10, Start).Select(scored => scored.Item.Value));
    }

    [Fact]
    public void A_category_has_the_items_that_are_in_it_now()
    {
        LogEntry[] log = ToEntries(
        [
            Changed("a", "film"),
            Viewed("ann", "a", 0),
            Viewed("ann", "b", 1),
            Viewed("bob", "c", 1),
            Changed("b", "film"),
            Changed("a", "book"),
            new LogRecord.ItemChanged(new("c"), null, Start),
        ]);
        CatalogueFold catalogue = new();
        TrendsFold fold = new(UsersMin1);
        foreach (LogEntry entry in log)
        {
            catalogue.Apply(0, 0, [entry]);
            fold.Apply(0, 0, [entry], catalogue.Current, InteractionTypes.Default);
        }

        Assert.Equal(["b"], Names(fold.GetTrending("film", TrendWindow.Day, 10, Start)));
        Assert.Equal(["a"], Names(fold.GetTrending("book", TrendWindow.Day, 10, Start)));
        Assert.Equal(["b", "a"], Names(fold.GetTrending(null, TrendWindow.Day, 10, Start)));
        Assert.Empty(fold.GetTrending("unknown", TrendWindow.Day, 10, Start));
    }

    [Fact]
    public void A_wrong_clock_of_one_user_does_not_dominate_the_trends()
    {
        TrendsFold fold = Fold(
            UsersMin1,
            [
                .. Enumerable.Range(0, 40).Select(i => Viewed($"user-{i % 5}", "popular", i)),
                .. Enumerable.Range(0, 5).Select(_ => Viewed("ahead", "odd", 24 * 60)),
                .. Enumerable.Range(40, 20).Select(i => Viewed($"user-{i % 5}", "popular", i)),
            ]);

        Assert.Equal(["popular", "odd"], Names(fold.GetTrending(null, TrendWindow.Hour, 10, Start + Hour)));
    }

    [Fact]
    public void Items_of_the_same_users_are_co_visited()
    {
        TrendsFold fold = Fold(
        [
            .. Enumerable.Range(0, 9).SelectMany(user => new[] { Viewed($"user-{user}", "tent", 0), Viewed($"user-{user}", "stove", 1) }),
            .. Enumerable.Range(0, 3).SelectMany(user => new[] { Viewed($"user-{user}", "lamp", 2) }),
        ]);

        Assert.Equal(["stove", "lamp"], Names(fold.GetCoVisited(new("tent"), 10)));
        Assert.Equal(["lamp", "tent"], Names(fold.GetCoVisited(new("stove"), 10)));
        Assert.Equal(["stove"], Names(fold.GetCoVisited(new("tent"), 1)));
        Assert.Empty(fold.GetCoVisited(new("unknown"), 10));
    }

    [Fact]
    public void Returns_to_an_item_are_counted_by_their_distance()
    {
        TrendsFold never = Fold([Viewed("ann", "tent", 0), Viewed("ann", "stove", 1), Viewed("ann", "lamp", 2)]);
        TrendsFold far = Fold([Viewed("ann", "tent", 0), Viewed("ann", "stove", 1), Viewed("ann", "lamp", 2), Viewed("ann", "tent", 3)]);
        TrendsFold near = Fold([Viewed("ann", "tent", 0), Viewed("ann", "stove", 1), Viewed("ann", "lamp", 2), Viewed("ann", "lamp", 3)]);

        Assert.Equal(0, never.ReturnScore);
        Assert.Equal(1 / Math.Sqrt(3), far.ReturnScore / near.ReturnScore, 3);
        Assert.Equal(near.ReturnScore, TrendsFold.Decode(near.Encode()).ReturnScore);
    }

    [Fact]
    public void Only_the_first_16_returns_of_a_user_count_and_only_by_views_and_clicks()
    {
        LogRecord[] many = [Viewed("ann", "tent", 0), .. Enumerable.Range(1, 400).Select(minute => Viewed("ann", "tent", minute))];

        TrendsFold of16 = Fold([.. many.Take(17)]);
        TrendsFold restarted = TrendsFold.Decode(of16.Encode());
        restarted.Apply(0, 0, ToEntries(many.Skip(17), 17), new CatalogueFold().Current, InteractionTypes.Default);

        Assert.True(of16.ReturnScore > Fold([.. many.Take(16)]).ReturnScore);
        Assert.Equal(
            Fold([many[0], many[1]]).ReturnScore,
            Fold([many[0], .. Enumerable.Range(1, 20).Select(minute => Viewed("ann", "tent", minute) with { Type = "addToCart" }), many[1]]).ReturnScore);
        Assert.Equal(of16.ReturnScore, Fold(many).ReturnScore);
        Assert.Equal(of16.ReturnScore, restarted.ReturnScore);
    }

    [Fact]
    public void Co_visit_scores_are_those_of_the_definition() =>
        Gen.Select(Gen.Int[0, 5], Gen.Int[0, 30], Gen.Int[0, 1]).Array[0, 150].Select(Gen.Int[0, 150]).Sample((steps, saved) =>
        {
            int minute = 0;
            (int User, int Item, int Minute)[] visits = [.. steps.Select(step => (step.Item1, step.Item2, minute += step.Item3))];
            LogRecord[] records = [.. visits.Select(visit => Viewed($"user-{visit.User}", $"item-{visit.Item}", visit.Minute))];
            saved = Math.Min(saved, records.Length);
            TrendsFold fold = TrendsFold.Decode(Fold(UsersMin1, records[..saved]).Encode(), UsersMin1);
            fold.Apply(0, 0, ToEntries(records.Skip(saved), saved), new CatalogueFold().Current, InteractionTypes.Default);

            Dictionary<(int From, int To), double> counts = [];
            Dictionary<int, List<(int Item, int Minute)>> tails = [];
            foreach ((int user, int item, int at) in visits)
            {
                tails.TryAdd(user, []);
                List<(int Item, int Minute)> tail = tails[user];
                if (tail.RemoveAll(seen => seen.Item == item) == 0)
                {
                    for (int distance = 1; distance <= tail.Count; distance++)
                    {
                        (int before, int when) = tail[^distance];
                        counts[(before, item)] = counts.GetValueOrDefault((before, item)) + (1 / Math.Sqrt(distance));
                        counts[(item, before)] = counts.GetValueOrDefault((item, before)) + ((when == at ? 1 : .15) / Math.Sqrt(distance));
                    }
                }

                tail.Add((item, at));
                if (tail.Count > 10)
                {
                    tail.RemoveAt(0);
                }
            }

            for (int item = 0; item <= 30; item++)
            {
                double row = counts.Where(pair => pair.Key.From == item).Sum(pair => pair.Value);
                Dictionary<string, double> expected = counts.Where(pair => pair.Key.From == item).ToDictionary(
                    pair => $"item-{pair.Key.To}",
                    pair =>
                    {
                        double column = counts.Where(other => other.Key.To == pair.Key.To).Sum(other => other.Value);
                        return (pair.Value - (row * column / (counts.Values.Sum() + 1_000))) / (row + 30) / Math.Pow(column + 30, .1);
                    });
                IReadOnlyList<ScoredItem> found = fold.GetCoVisited(new($"item-{item}"), 100);
                Assert.All(expected.Where(pair => pair.Value > 1e-6), pair => Assert.Contains(found, scored => scored.Item.Value == pair.Key));
                Assert.All(found, scored => Assert.Equal(expected[scored.Item.Value], scored.Score, 1e-6));
            }
        });

    [Fact]
    public void An_item_that_follows_everything_is_a_weak_neighbour()
    {
        LogRecord[] records =
        [
            .. Enumerable.Range(0, 8_000).SelectMany(i => new LogRecord[]
            {
                Viewed($"user-{i}", $"item-{i % 40}", 3 * i),
                Viewed($"user-{i}", i / 40 % 2 == 0 ? $"next-{i % 40}" : "hit", (3 * i) + 1),
            }),
        ];
        TrendsFold fold = Fold(UsersMin1, records);

        // Each of the two came in half of the cases.
        IReadOnlyList<ScoredItem> after = fold.GetCoVisited(new("item-8"), 2);
        Assert.Equal(["next-8", "hit"], Names(after));
        Assert.InRange(after[1].Score, 0, after[0].Score / 5);
    }

    [Fact]
    public void Items_of_a_single_user_are_not_shown_as_co_visited()
    {
        Assert.Empty(Fold([Viewed("ann", "x", 0), Viewed("ann", "y", 1)]).GetCoVisited(new("x"), 10));
        Assert.Single(Fold(UsersMin1, [Viewed("ann", "x", 0), Viewed("ann", "y", 1)]).GetCoVisited(new("x"), 10));
    }

    [Fact]
    public void Neighbours_users_and_items_stay_within_their_bounds()
    {
        TrendsOptions options = new() { UsersMin = 1, NeighboursMax = 8, UserTailsMax = 5, ItemsMax = 100 };
        LogRecord[] records =
        [
            .. Enumerable.Range(0, 2_000).SelectMany(i => new LogRecord[]
            {
                Viewed($"user-{i}", "hub", i),
                Viewed($"user-{i}", "friend", i),
                Viewed($"user-{i}", $"item-{i}", i),
            }),
        ];
        TrendsFold fold = Fold(options, records);

        Assert.InRange(fold.ItemCount, 50, 100);
        Assert.InRange(fold.GetCoVisited(new("hub"), 100).Count, 1, 8);
        Assert.Equal("friend", fold.GetCoVisited(new("hub"), 1)[0].Item.Value);
        Assert.Equal("hub", fold.GetTrending(null, TrendWindow.AllTime, 2, Start)[0].Item.Value);
        TrendsFold read = TrendsFold.Decode(fold.Encode(), options);
        Assert.Equal(fold.Encode().ToArray(), read.Encode().ToArray());
        Assert.True(fold.Encode().ToArray().Length < 20_000);
    }

    [Fact]
    public void Categories_of_dropped_items_are_dropped_and_the_others_kept()
    {
        CatalogueFold catalogue = new();
        catalogue.Apply(0, 0, ToEntries(Enumerable.Range(0, 100).Select(i => Changed($"item-{i}", i < 90 ? $"old-{i}" : "new"))));
        TrendsFold fold = new(new TrendsOptions { UsersMin = 1, ItemsMax = 40 });
        fold.Apply(0, 0, ToEntries(Enumerable.Range(0, 100).Select(i => Viewed($"user-{i}", $"item-{i}", 100 * i))), catalogue.Current, InteractionTypes.Default);

        Assert.Equal(10, fold.GetTrending("new", TrendWindow.Week, 100, Start).Count);
        Assert.Empty(fold.GetTrending("old-0", TrendWindow.Week, 100, Start));
        Assert.Single(fold.GetTrending("old-89", TrendWindow.Week, 100, Start));
        Assert.DoesNotContain("old-0", Encoding.UTF8.GetString(fold.Encode().ToArray()), StringComparison.Ordinal);
    }

    [Fact]
    public void Only_the_copy_of_an_erasure_in_the_persons_own_partition_takes_effect()
    {
        Owner ann = Records.Hash.Of(new("ann"));
        int own = new LogShape(0, 2).PartitionOf(ann);
        LogRecord erased = new LogRecord.PersonErased(ann, new LogPosition(0, [0, 0]), Start);
        TrendsFold fold = new(UsersMin1);
        ItemCatalogue noItems = new CatalogueFold().Current;

        fold.Apply(0, own, [Records.Entry(0, Viewed("ann", "old", 1)), Records.Entry(1, erased), Records.Entry(2, Viewed("ann", "new", 2))], noItems, InteractionTypes.Default);
        fold.Apply(0, 1 - own, [Records.Entry(0, erased)], noItems, InteractionTypes.Default);

        Assert.Equal(["new"], fold.GetTrending(null, TrendWindow.AllTime, 10, Start).Select(item => item.Item.Value));
    }

    [Fact]
    public void An_erased_person_is_not_in_the_saved_bytes()
    {
        Owner ann = Records.Hash.Of(new("ann"));
        byte[] bytes = new byte[Owner.SizeBytes];
        ann.WriteTo(bytes);
        byte[] mark = BitConverter.GetBytes(ann.GetHashCode()); // saved for the users of an item that has few
        LogRecord[] records = [Viewed("bob", "x", 0), Viewed("ann", "x", 1), Viewed("ann", "y", 2)];

        byte[] before = Fold(records).Encode().ToArray();
        Assert.True(before.AsSpan().IndexOf(bytes) >= 0);
        Assert.True(before.AsSpan().IndexOf(mark) >= 0);
        byte[] after = Fold([.. records, new LogRecord.PersonErased(ann, LogPosition.Start, Start)]).Encode().ToArray();
        Assert.True(after.AsSpan().IndexOf(bytes) < 0);
        Assert.True(after.AsSpan().IndexOf(mark) < 0);
    }

    [Fact]
    public void Saved_trends_can_be_read_with_another_minimum_of_users()
    {
        LogRecord[] records = [Viewed("ann", "x", 0), Viewed("bob", "x", 1), Viewed("ann", "y", 2)];
        byte[] three = Fold(records).Encode().ToArray();
        byte[] one = Fold(UsersMin1, records).Encode().ToArray();

        Assert.Equal(["x"], Names(TrendsFold.Decode(new(three), new TrendsOptions { UsersMin = 2 }).GetTrending(null, TrendWindow.Day, 9, Start)));
        Assert.Empty(TrendsFold.Decode(new(one)).GetTrending(null, TrendWindow.Day, 9, Start));
    }

    [Fact]
    public void Damaged_saved_bytes_are_corrupt() => Gen.Select(Record.Array[1, 30], Gen.Int[0, int.MaxValue], Gen.Byte).Sample((records, at, value) =>
    {
        byte[] bytes = Fold(records).Encode().ToArray();
        Assert.Throws<CorruptRecordException>(() => TrendsFold.Decode(new(bytes, 0, at % bytes.Length)));
        byte before = bytes[at % bytes.Length];
        bytes[at % bytes.Length] = value;
        if (before != value)
        {
            Assert.Throws<CorruptRecordException>(() => TrendsFold.Decode(new(bytes)));
        }
    });

    [Fact]
    public void Ids_of_any_characters_are_distinguished() => Records.Id.Array[1, 40].Sample(ids =>
    {
        ItemNumbers index = new();
        foreach (string id in ids)
        {
            byte[] utf8 = Encoding.UTF8.GetBytes(id);
            int known = index.Find(utf8);
            int number = known >= 0 ? known : index.Add(new ItemId(id), utf8);
            Assert.Equal(id, index[number].Value);
            Assert.Equal(number, index.Find(utf8));
        }

        Assert.Equal(ids.Distinct().Count(), index.Count);
    });

    [Theory]
    [InlineData(SavedByVersion1)]
    [InlineData(SavedByVersion2)]
    [InlineData(SavedByVersion3)]
    public void Trends_that_earlier_versions_saved_are_read(string saved)
    {
        TrendsFold read = TrendsFold.Decode(new(Convert.FromBase64String(saved)), UsersMin1);

        TrendsFold fold = Fold(UsersMin1, [Viewed("ann", "x", 0), Viewed("bob", "x", 90), Viewed("ann", "y", 180)]);
        Assert.Equal(fold.Position, read.Position);
        foreach (TrendWindow window in Enum.GetValues<TrendWindow>())
        {
            Assert.Equal(fold.GetTrending(null, window, 9, Start + Hour), read.GetTrending(null, window, 9, Start + Hour), (left, right) =>
                left.Item == right.Item && Math.Abs(left.Score - right.Score) < 1e-6);
        }

        Assert.Equal(fold.GetCoVisited(new("x"), 9), read.GetCoVisited(new("x"), 9));
    }

    [Fact]
    public void Trends_of_version_4_have_no_times_so_that_the_next_item_counts_as_later_even_at_the_same_time()
    {
        LogRecord[] records = [Viewed("ann", "x", 0), Viewed("ann", "y", 0), Viewed("ann", "z", 0)];
        byte[] saved = Fold(UsersMin1, records[..2]).Encode().ToArray();

        // Version 5 added 9 bytes for each user: how many of the newest items have the newest time, and that time. Version 6 added two tables of pairs of purchases, here empty: a byte each. Version 7 added a time for each item.
        byte[] times = [2, .. BitConverter.GetBytes(Start)];
        int at = saved.AsSpan().LastIndexOf(times);
        byte[] version4 = Checksummed.Seal([4, .. saved[1..at], .. saved[(at + times.Length)..^(2 + (2 * sizeof(long)) + sizeof(ulong))]]);
        TrendsFold read = TrendsFold.Decode(new(version4), UsersMin1);

        Assert.Equal(Fold(UsersMin1, records[..2]).GetCoVisited(new("x"), 9), read.GetCoVisited(new("x"), 9));
        read.Apply(0, 0, ToEntries(records.Skip(2), 2), new CatalogueFold().Current, InteractionTypes.Default);
        Assert.Equal(["y", "x"], Names(read.GetCoVisited(new("z"), 9)));
        Assert.True(read.GetCoVisited(new("z"), 9)[0].Score < Fold(UsersMin1, records).GetCoVisited(new("z"), 9)[0].Score / 2);
    }

    [Fact]
    public void Trends_that_version_5_saved_are_read_and_know_no_purchases_and_no_first_interactions()
    {
        LogRecord[] records = [Viewed("ann", "x", 0), Viewed("ann", "y", 1)];
        byte[] saved = Fold(UsersMin1, records).Encode().ToArray();

        TrendsFold read = TrendsFold.Decode(new(Checksummed.Seal([5, .. saved[1..^(2 + (2 * sizeof(long)) + sizeof(ulong))]])), UsersMin1);

        Assert.Equal(saved[..^((2 * sizeof(long)) + sizeof(ulong))], read.Encode().ToArray()[..^((2 * sizeof(long)) + sizeof(ulong))]);
        Assert.Null(read.GetFirstInteractionMs(new("x")));
    }

    [Fact]
    public void What_users_bought_next_is_found_by_items_and_by_categories()
    {
        TrendsFold fold = Fold(Furniture());

        string[] next = Names(fold.GetBoughtNext(new("sofa-0"), 10));
        Assert.Equal("lamp-0", next[0]);
        Assert.Equal(["lamp-1", "lamp-2", "lamp-3"], next.Skip(1).Order(StringComparer.Ordinal));
        Assert.Contains("lamp-0", Names(fold.GetBoughtNext(new("sofa-3"), 10)));
        Assert.Empty(fold.GetBoughtNext(new("unknown"), 10));
        Assert.Single(fold.GetBoughtNext(new("sofa-0"), 1));
    }

    [Fact]
    public void An_item_bought_first_scores_lower_as_the_next_purchase_than_the_one_bought_second()
    {
        TrendsFold fold = Fold(Furniture());

        float after = fold.GetBoughtNext(new("sofa-0"), 10).Where(item => item.Item.Value == "lamp-0").Sum(item => item.Score);
        float before = fold.GetBoughtNext(new("lamp-0"), 10).Where(item => item.Item.Value == "sofa-0").Sum(item => item.Score);

        Assert.True(before < after / 3, $"{before}, {after}");
    }

    [Fact]
    public void Two_items_bought_within_an_hour_have_the_same_score_in_both_directions()
    {
        TrendsFold fold = Fold([.. Enumerable.Range(0, 9).SelectMany(user => new[] { Bought($"user-{user}", "cup", 0), Bought($"user-{user}", "saucer", 5) })]);

        Assert.Equal(fold.GetBoughtNext(new("cup"), 1)[0].Score, fold.GetBoughtNext(new("saucer"), 1)[0].Score);
    }

    [Fact]
    public void A_user_who_buys_again_and_again_counts_once()
    {
        LogRecord[] all = Furniture();
        TrendsFold once = Fold(all);
        TrendsFold often = Fold([.. all, .. Enumerable.Range(0, 50).SelectMany(i => new[] { Bought("user-1", "sofa-1", 9_000 + i), Bought("user-1", "lamp-1", 9_001 + i) })]);

        // Only the trend of the lamp, which is newer now, changes the scores a little.
        Assert.Equal(ScoresOf(once), ScoresOf(often), (left, right) => left.Item == right.Item && Math.Abs(left.Score - right.Score) < .05 * left.Score);

        static ScoredItem[] ScoresOf(TrendsFold fold) =>
            [.. fold.GetBoughtNext(new("sofa-1"), 10).OrderBy(item => item.Item.Value, StringComparer.Ordinal)];
    }

    [Fact]
    public void Pairs_of_purchases_are_saved_and_survive_a_compaction()
    {
        TrendsOptions options = new() { ItemsMax = 16 };
        LogRecord[] records = [.. Enumerable.Range(0, 6).Select(i => Viewed("old", $"old-{i}", -100_000)), .. Furniture()];
        TrendsFold fold = Fold(options, records);
        TrendsFold read = TrendsFold.Decode(fold.Encode(), options);
        Assert.Equal(fold.GetBoughtNext(new("sofa-0"), 10), read.GetBoughtNext(new("sofa-0"), 10));

        LogEntry[] more = ToEntries(Enumerable.Range(0, 4).Select(i => (LogRecord)Viewed("eve", $"new-{i}", 500)), records.Length);
        read.Apply(0, 0, more, new CatalogueFold().Current, InteractionTypes.Default);

        Assert.True(read.ItemCount < 18, $"{read.ItemCount}");
        Assert.Equal(Names(fold.GetBoughtNext(new("sofa-0"), 10)), Names(read.GetBoughtNext(new("sofa-0"), 10)));
    }

    [Fact]
    public void The_kept_best_items_of_a_category_equal_recomputed_ones_after_every_change() =>
        Gen.Select(PurchaseRecord.Array[60, 400], Gen.Int[1, 60]).Sample((records, chunk) =>
        {
            ItemId[] items = [.. Enumerable.Range(0, 30).Select(item => new ItemId($"item-{item}"))];
            LogEntry[] log = ToEntries(records);
            ItemCatalogue catalogue = new CatalogueFold().Current;
            TrendsFold fold = new(UsersMin1);
            for (int start = 0; start < log.Length; start += chunk)
            {
                fold.Apply(0, 0, log.AsSpan(start, Math.Min(chunk, log.Length - start)), catalogue, InteractionTypes.Default);
                TrendsFold anew = TrendsFold.Decode(fold.Encode(), UsersMin1);
                foreach (ItemId item in items)
                {
                    // The sums of the tables are added in another order after a load.
                    ScoredItem[] kept = ByItem(fold.GetBoughtNext(item, 1_000));
                    ScoredItem[] read = ByItem(anew.GetBoughtNext(item, 1_000));
                    Assert.Equal(read, kept, (left, right) => left.Item == right.Item && Math.Abs(left.Score - right.Score) <= 1e-4 * left.Score);
                }
            }

            static ScoredItem[] ByItem(IReadOnlyList<ScoredItem> found) => [.. found.Where(item => item.Score > 1e-7).OrderBy(item => item.Item.Value, StringComparer.Ordinal)];
        });

    [Fact]
    public void The_best_of_what_users_bought_next_are_those_of_a_longer_list()
    {
        TrendsFold fold = Fold(Furniture());
        IReadOnlyList<ScoredItem> all = fold.GetBoughtNext(new("sofa-0"), 100);

        Assert.Equal(all.OrderByDescending(item => item.Score), all);
        for (int count = 0; count <= all.Count; count++)
        {
            Assert.Equal(all.Take(count), fold.GetBoughtNext(new("sofa-0"), count));
        }
    }

    [Fact]
    public async Task A_reader_does_not_wait_for_a_save()
    {
        CancellationToken cancel = TestContext.Current.CancellationToken;
        TrendsFold fold = Fold(UsersMin1, [Viewed("ann", "x", 0), Viewed("ann", "y", 1)]);
        using BlockedBuffer bytes = new();
        Thread save = new(() => fold.Encode(bytes));
        save.Start();
        try
        {
            bytes.IsReached.Wait(cancel);

            // If the save held the readers' lock, these reads would block until the save continues, and the wait would time out.
            Task reads = Task.Run(
                () =>
                {
                    Assert.Equal(["y", "x"], Names(fold.GetTrending(null, TrendWindow.Day, 9, Start + Hour)));
                    Assert.Equal(["y"], Names(fold.GetCoVisited(new("x"), 9)));
                    Assert.Equal(2, fold.ItemCount);
                    Assert.Equal(1, fold.Position[0]);
                },
                cancel);
            await reads.WaitAsync(TimeSpan.FromSeconds(30), cancel);
        }
        finally
        {
            bytes.GoOn.Set();
            save.Join();
        }
    }

    [Fact]
    public void A_clock_that_was_briefly_ahead_removes_no_item_from_the_trends() =>
        Gen.Select(Gen.Int[1, 400], Gen.Int[1, 40], Gen.Int[1, 60]).Sample((daysAhead, written, before) =>
        {
            // A batch of many users, stored by a server whose clock jumped ahead, and back afterwards.
            int ahead = daysAhead * 24 * 60;
            TrendsFold fold = Fold(
                UsersMin1,
                [
                    .. Enumerable.Range(0, before).Select(i => Viewed($"user-{i % 5}", "popular", i)),
                    .. Enumerable.Range(0, written).Select(i => Viewed($"ahead-{i}", $"odd-{i % 3}", ahead)),
                    .. Enumerable.Range(before, 20).Select(i => Viewed($"user-{i % 5}", "popular", i)),
                    Viewed("ann", "late", before + 20),
                ]);

            long now = Start + ((before + 21) * 60_000L);
            foreach (TrendWindow window in Enum.GetValues<TrendWindow>())
            {
                IReadOnlyList<ScoredItem> found = fold.GetTrending(null, window, 10, now);
                Assert.Contains("popular", Names(found));
                Assert.Contains("late", Names(found));
                Assert.All(found, scored => Assert.InRange(scored.Score, float.Epsilon, before + written + 20));
                Assert.All(found.Where(scored => scored.Item.Value.StartsWith("odd", StringComparison.Ordinal)), scored =>
                    Assert.InRange(scored.Score, 0, ((written + 2) / 3) + 1e-3f));
            }
        });

    [Fact]
    public void Scores_are_finite_at_whatever_time_they_are_read() =>
        Gen.Select(Gen.Int[-100, 100], Gen.Int[-100, 100].Array[1, 20], Gen.Int[-400, 400]).Sample((first, years, readYears) =>
        {
            const long Year = 365 * 24 * Hour;
            TrendsFold fold = Fold(
                UsersMin1,
                [.. years.Prepend(first).Select((year, i) => Did($"user-{i}", $"item-{i % 4}", "view") with { TimestampMs = Start + (year * Year / 3) })]);
            TrendsFold read = TrendsFold.Decode(fold.Encode(), UsersMin1);

            foreach (TrendWindow window in Enum.GetValues<TrendWindow>())
            {
                foreach (long now in new[] { Start + (readYears * Year), Start, 0, long.MinValue, long.MaxValue })
                {
                    IReadOnlyList<ScoredItem> found = fold.GetTrending(null, window, 10, now);
                    Assert.All(found, scored => Assert.InRange(scored.Score, float.Epsilon, years.Length + 1));
                    Assert.Equal(found.OrderByDescending(scored => scored.Score), found);
                    Assert.Equal(found, read.GetTrending(null, window, 10, now));
                }
            }
        });

    [Fact]
    public void A_clock_that_no_record_confirms_goes_back()
    {
        const int Year = 365 * 24 * 60;
        LogRecord[] wrong = [.. Enumerable.Range(0, 10).Select(i => Viewed($"ahead-{i}", "odd", Year))];
        LogRecord[] right = [.. Enumerable.Range(0, TrendClock.DoubtCount).Select(i => Viewed($"user-{i % 7}", "popular", i / 60))];
        LogRecord tomorrow = Viewed("eager", "eager", 24 * 60);
        long now = Start + (70 * 60_000);

        // An interaction dated a day ahead counts as an hour ahead of the others: with a half-life of an hour, half of it is left.
        TrendsFold fold = Fold(UsersMin1, [.. wrong, .. right, tomorrow]);
        Assert.InRange(TrendScoreOf(fold, "eager", TrendWindow.Hour, now + (2 * Hour)), .05, .1);
        TrendsFold doubting = Fold(UsersMin1, [.. wrong, .. right.Skip(8), tomorrow]);
        Assert.Equal(1 / (1 + Prior), TrendScoreOf(doubting, "eager", TrendWindow.Hour, now + (2 * Hour)), 1e-3);

        TrendsFold confirmed = Fold(UsersMin1, [.. wrong, .. right.Take(2_000), Viewed("fast", "odd", Year), .. right.Skip(2_000), tomorrow]);
        Assert.Equal(1 / (1 + Prior), TrendScoreOf(confirmed, "eager", TrendWindow.Hour, now + (2 * Hour)), 1e-3);
    }

    [Fact]
    public void Users_whose_clocks_are_a_day_ahead_keep_their_weight_for_that_day_and_lower_nothing_else()
    {
        LogRecord[] right = [.. Enumerable.Range(0, 60).Select(i => Viewed($"user-{i % 5}", "popular", i))];
        LogRecord[] wrong = [.. Enumerable.Range(0, 12).Select(i => Viewed($"ahead-{i % 2}", "odd", 24 * 60))];
        TrendsFold fold = Fold(UsersMin1, [.. right[..40], .. wrong, .. right[40..]]);
        TrendsFold without = Fold(UsersMin1, right);

        const double Undecayed = 2 * 2 / (2 + Prior);
        foreach (TrendWindow window in Enum.GetValues<TrendWindow>())
        {
            for (long now = Start + Hour; now < Start + (24 * Hour); now += Hour)
            {
                Assert.Equal(TrendScoreOf(without, "popular", window, now), TrendScoreOf(fold, "popular", window, now));
                Assert.InRange(TrendScoreOf(fold, "odd", window, now), float.Epsilon, Undecayed + 1e-6);
            }
        }

        Assert.Equal(2 * .5 * 1 / (1 + Prior), TrendScoreOf(fold, "odd", TrendWindow.Hour, Start + (25 * Hour)), 1e-6);
    }

    [Fact]
    public void Options_out_of_range_are_refused()
    {
        TrendsOptions[] refused =
        [
            new() { UsersMin = 0 },
            new() { UsersMin = TrendsOptions.UsersMinMax + 1 },
            new() { ItemsMax = 1 },
            new() { NeighboursMax = 1 },
            new() { UserTailsMax = 0 },
            new() { ActsMax = 0 },
        ];

        Assert.All(refused, options => Assert.Throws<ArgumentException>(() => new TrendsFold(options)));
    }

    /// <summary>The definition of a score: Σ parts, times users / (users + 3).</summary>
    private static double ScoreOf(IEnumerable<(double Weight, long TimeMs)> parts, long nowMs, double halfLifeHours)
    {
        (double Weight, double Decay)[] decayed = [.. parts.Select(part => (part.Weight, Math.Pow(2, -(nowMs - part.TimeMs) / (double)Hour / halfLifeHours)))];
        double people = decayed.Sum(part => part.Decay);
        return people == 0 ? 0 : decayed.Sum(part => part.Weight * part.Decay) * people / (people + Prior);
    }

    /// <summary>The interactions of the whole log: each id once, without retracted and erased ones.</summary>
    private static List<LogRecord.Interaction> Held(IEnumerable<LogRecord> records)
    {
        List<LogRecord.Interaction> held = [];
        List<LogRecord.InteractionRetracted> retractions = [];
        foreach (LogRecord record in records)
        {
            switch (record)
            {
                case LogRecord.Interaction act when act.Id is null
                        || (!held.Exists(other => other.Id == act.Id && other.User == act.User) && !retractions.Exists(other => other.Id == act.Id && other.User == act.User)):
                    held.Add(act);
                    break;
                case LogRecord.InteractionRetracted retraction:
                    held.RemoveAll(act => act.Id == retraction.Id && act.User == retraction.User);
                    retractions.Add(retraction);
                    break;
                case LogRecord.PersonErased erased:
                    held.RemoveAll(act => Records.Hash.Of(act.User) == erased.Owner);
                    retractions.RemoveAll(other => Records.Hash.Of(other.User) == erased.Owner);
                    break;
            }
        }

        return held;
    }

    /// <summary>The definition of a user's part: the largest weight of the acts that stand, at the time of the newest of them.</summary>
    private static (double Weight, long TimeMs) PartOf(IEnumerable<LogRecord.Interaction> oldestFirst)
    {
        LogRecord.Interaction[] acts = [.. oldestFirst.Reverse().OrderByDescending(act => act.TimestampMs)];
        InteractionType[] types = [.. acts.Select(act => InteractionTypes.Default.All.First(type => type.Name == act.Type))];
        float[] weights = [.. acts.Select((act, i) => types[i].WeightOf(act.Value))];
        ActRule.Settle(new ulong[acts.Length], [.. types.Select(type => type.Kind)], weights, new bool[acts.Length]);
        int newest = Array.FindIndex(weights, weight => weight > 0);
        return newest < 0 ? (0, 0) : (weights.Max(), acts[newest].TimestampMs);
    }

    private static LogRecord.Interaction Did(string user, string item, string type) => new(new(user), new(item), type, Start);

    private static LogRecord.Interaction Bought(string user, string item, int minutes) =>
        Did(user, item, "purchase") with { TimestampMs = Start + (minutes * 60_000L) };

    /// <summary>Four sofas and four lamps, each viewed once. Twelve users, three for each sofa, buy a sofa and a day later a lamp: the lamp of the same number, or, one user each of sofas 1 to 3, the next lamp.</summary>
    private static LogRecord[] Furniture() =>
    [
        .. Enumerable.Range(0, 4).SelectMany(i => new LogRecord[] { Viewed("zoe", $"sofa-{i}", i), Viewed("zoe", $"lamp-{i}", i), Changed($"sofa-{i}", "Sofas"), Changed($"lamp-{i}", "Lamps") }),
        .. Enumerable.Range(0, 12).Select(user => Bought($"user-{user}", $"sofa-{user % 4}", user)),
        .. Enumerable.Range(0, 12).Select(user => Bought($"user-{user}", $"lamp-{(user % 4 == 0 || user < 8 ? user % 4 : (user + 1) % 4)}", (24 * 60) + user)),
    ];

    private static LogRecord.Interaction Viewed(string user, string item, int minutes) =>
        Did(user, item, "view") with { TimestampMs = Start + (minutes * 60_000L) };

    private static LogRecord.ItemChanged Changed(string item, string category) =>
        new(new(item), new ItemContent { Categories = [category] }, Start);

    private static string[] Names(IEnumerable<ScoredItem> items) => [.. items.Select(scored => scored.Item.Value)];

    private static LogEntry[] ToEntries(IEnumerable<LogRecord> records, long first = 0) =>
        [.. records.Select((record, index) => Records.Entry(first + index, record))];

    private static TrendsFold Fold(params LogRecord[] records) => Fold(new TrendsOptions(), records);

    private static TrendsFold Fold(TrendsOptions options, LogRecord[] records)
    {
        TrendsFold fold = new(options);
        fold.Apply(0, 0, ToEntries(records), new CatalogueFold().Current, InteractionTypes.Default);
        return fold;
    }

    private static double TrendScoreOf(TrendsFold fold, string item, TrendWindow window, long nowMs) =>
        fold.GetTrending(null, window, TrendsFold.TrendingMax, nowMs).Single(scored => scored.Item.Value == item).Score;

    /// <summary>A buffer that blocks its writer until it is released.</summary>
    private sealed class BlockedBuffer : IBufferWriter<byte>, IDisposable
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public ManualResetEventSlim IsReached { get; } = new();

        public ManualResetEventSlim GoOn { get; } = new();

        public void Advance(int count) => _bytes.Advance(count);

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            IsReached.Set();
            GoOn.Wait();
            return _bytes.GetMemory(sizeHint);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

        public void Dispose()
        {
            IsReached.Dispose();
            GoOn.Dispose();
        }
    }
}

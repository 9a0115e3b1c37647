using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Replay;
using RecSys.Core;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

/// <summary>Checks each protocol in a small world whose figures were computed by hand.</summary>
public sealed class OfflineEvaluationTests
{
    private const double SecondPlace = 0.63092975357; // 1 / log2(3)

    private static readonly InteractionTypes Types = FileWorld.TypesWithPairs(InteractionTypes.Default);

    private static readonly Metric[] AtTwo = [new(MetricKind.Ndcg, 2), new(MetricKind.Mrr, 2), new(MetricKind.Recall, 2), new(MetricKind.Coverage, 2)];

    // The last two interactions are the newest fifth: user a touches z, which is new to that user; user b touches x again.
    private static readonly FileAct[] Ten =
    [
        Act("a", "x", 1), Act("a", "y", 2), Act("b", "x", 3), Act("b", "z", 4), Act("c", "x", 5), Act("c", "y", 6), Act("d", "y", 7), Act("d", "z", 8),
        Act("a", "z", 9), Act("b", "x", 10),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Temporal_figures_are_those_computed_by_hand()
    {
        JobOutcome outcome = await RunAsync(World(Ten), new EvaluationSettings { Share = 0.2, Metrics = AtTwo }, (_, _) => ["x", "z"]);

        Assert.Equal(2, outcome.Metrics["questions"]);
        Assert.Equal(1, outcome.Metrics["questions.new"]);
        Assert.Equal((SecondPlace + 1) / 2, outcome.Metrics["slates.ndcg@2"], 1e-9);
        Assert.Equal(0.75, outcome.Metrics["slates.mrr@2"], 1e-9);
        Assert.Equal(1, outcome.Metrics["slates.recall@2"], 1e-9);
        Assert.Equal(SecondPlace, outcome.Metrics["slates.new.ndcg@2"], 1e-9);
        Assert.Equal(2 / 3.0, outcome.Metrics["slates.coverage@2"], 1e-9);

        // User a has seen x, user b has seen x and y.
        Assert.Equal(0.75, outcome.Metrics["slates.seen"], 1e-9);
        Assert.Equal(2, outcome.Metrics["slates.causes"], 1e-9);

        // Viewed items may be shown again, so x and y are first by popularity for both users. Only z is new to user a.
        Assert.Equal(0.5, outcome.Metrics["popularity.ndcg@2"], 1e-9);
        Assert.Equal(1, outcome.Metrics["popularity.new.ndcg@2"], 1e-9);
        Assert.Equal(SecondPlace, outcome.Metrics["slates.acts-1-2.ndcg@2"] + 0 - ((1 - SecondPlace) / 2), 1e-9);
    }

    [Fact]
    public async Task Items_that_the_repeat_rule_keeps_out_are_not_ranked_by_popularity()
    {
        FileAct[] likes = [.. Ten.Select(act => act with { Type = "like" })];

        JobOutcome outcome = await RunAsync(World(likes), new EvaluationSettings { Share = 0.2, Metrics = AtTwo }, (_, _) => ["x"]);

        // User a gets only z, user b gets only y.
        Assert.Equal(0.5, outcome.Metrics["popularity.ndcg@2"], 1e-9);
        Assert.Equal(0, outcome.Metrics["popularity.seen"], 1e-9);
        Assert.Equal(1, outcome.Metrics["popularity.new.ndcg@2"], 1e-9);
    }

    [Fact]
    public async Task An_item_that_was_taken_out_of_the_cart_is_ranked_again()
    {
        FileAct[] carts = [.. Ten.Select(act => act with { Type = "addToCart" })];
        FileAct removed = Act("b", "x", 8) with { Type = "removeFromCart" };

        JobOutcome outcome = await RunAsync(World([.. carts[..8], removed, .. carts[8..]]), new EvaluationSettings { Share = 0.15, Metrics = AtTwo }, (_, _) => ["x"]);

        // User a gets only z, user b gets x and y, as in slates.
        Assert.Equal(1, outcome.Metrics["popularity.ndcg@2"], 1e-9);
        Assert.Equal(1, outcome.Metrics["model.recall@2"], 1e-9);
    }

    [Fact]
    public async Task A_temporal_question_is_asked_with_the_profile_and_the_clock_of_the_cut()
    {
        FileAct[] rated = [.. Ten.Select(act => act with { Type = "rating", Value = act.Item == "y" ? 1 : 5 })];
        List<(string User, long NowMs, string History)> asked = [];

        await RunAsync(World(rated), new EvaluationSettings { Share = 0.2, Metrics = AtTwo }, (views, request) =>
        {
            asked.Add((request.User!.Value.Value, views.Time.GetUtcNow().ToUnixTimeMilliseconds(), History(views, request)));
            return ["x"];
        });

        Assert.Equal([("a", 9_000, "rating y 1 @2000, rating x 5 @1000"), ("b", 9_000, "rating z 5 @4000, rating x 5 @3000")], asked.Order());
    }

    [Theory]
    [InlineData(EvaluationProtocol.Prequential, 6)] // Three questions, each for live and frozen slates.
    [InlineData(EvaluationProtocol.Temporal, 2)]
    [InlineData(EvaluationProtocol.LeaveLastOut, 2)]
    public async Task A_least_weight_asks_for_strongly_liked_items_alone(EvaluationProtocol protocol, int expected)
    {
        // A rating of 3 weighs 2, one of 5 weighs 6.
        FileAct[] acts = [.. Enumerable.Range(0, 20).Select(i => Act("u" + (i % 2), "i" + i, i + 1) with { Type = "rating", Value = i is 1 or 2 or 15 or 16 or 18 ? 5 : 3 })];
        List<int> held = [];

        await RunAsync(World(acts), new EvaluationSettings { Protocol = protocol, Share = 0.3, Metrics = AtTwo, LeastWeight = 4 }, (views, request) =>
        {
            held.Add(History(views, request).Split(',').Length);
            return ["x"];
        });

        Assert.Equal(expected, held.Count);
    }

    [Fact]
    public async Task New_items_have_no_interactions_and_are_relevant_items_of_questions()
    {
        FileAct[] acts = [.. Enumerable.Range(0, 200).Select(i => Act("u" + (i % 7), "i" + (i * 3 % 10), i + 1))];
        HashSet<string> seen = [];
        JobOutcome outcome = await RunAsync(
            World(acts),
            new EvaluationSettings { Protocol = EvaluationProtocol.Prequential, Share = 0.2, Metrics = AtTwo, NewItems = 0.3 },
            (views, request) =>
            {
                seen.UnionWith(views.Trends.GetTrending(null, TrendWindow.AllTime, 100, 200_000).Select(item => item.Item.Value));
                seen.UnionWith(History(views, request).Split(' ').Where(word => word.StartsWith('i')));
                return [.. Enumerable.Range(0, 10).Select(i => "i" + i)];
            });

        Assert.Equal(7, seen.Count);
        Assert.Contains("3 items, chosen by the seed, are new", outcome.Message, StringComparison.Ordinal);
        Assert.Contains("; 7 items known to the model", outcome.Message, StringComparison.Ordinal);
        Assert.Equal(0.3, outcome.Metrics["slates.new-items.share"], 1e-9);
        Assert.Equal(1, outcome.Metrics["slates.new-items.recall"], 1e-9);
        Assert.Equal(0, outcome.Metrics["model.new-items.recall"], 1e-9);
    }

    [Fact]
    public async Task A_prequential_question_does_not_see_its_own_interaction_and_later_questions_do()
    {
        // Each judged interaction is with an item that no other record has.
        List<FileAct> acts = [.. Enumerable.Range(0, 40).Select(i => Act("u" + (i % 4), "old" + (i % 7), i + 1))];
        acts.AddRange(Enumerable.Range(0, 10).Select(i => Act("u" + (i % 2), "planted" + i, 100 + i)));
        ReplayWorld world = World([.. acts]);
        List<string> live = [];
        List<string> frozen = [];
        int question = 0;
        JobOutcome outcome = await RunAsync(world, new EvaluationSettings { Protocol = EvaluationProtocol.Prequential, Share = 0.2, Metrics = AtTwo }, (views, request) =>
        {
            // Slates and frozen slates are asked for alternately, at the same time of the clock.
            int at = question / 2;
            (question % 2 == 0 ? live : frozen).Add(History(views, request));
            question++;
            string planted = "planted" + at;
            Assert.Equal(100 + at, views.Time.GetUtcNow().ToUnixTimeSeconds());
            Assert.DoesNotContain(views.Trends.GetTrending(null, TrendWindow.AllTime, 100, 200_000), item => item.Item.Value == planted);
            if (at > 0)
            {
                Assert.Contains(views.Trends.GetTrending(null, TrendWindow.AllTime, 100, 200_000), item => item.Item.Value == "planted" + (at - 1));
            }

            return [planted];
        });

        Assert.Equal(10, outcome.Metrics["questions"]);
        Assert.Equal(1, outcome.Metrics["slates.ndcg@2"], 1e-9);
        Assert.Equal(0, outcome.Metrics["model.ndcg@2"], 1e-9);
        Assert.Equal(0, outcome.Metrics["popularity.ndcg@2"], 1e-9);
        Assert.Equal(1, outcome.Metrics["slates.new-items.share"], 1e-9);
        Assert.Equal(1, outcome.Metrics["slates.new-items.recall"], 1e-9);
        for (int at = 0; at < 10; at++)
        {
            Assert.DoesNotContain("planted" + at, live[at], StringComparison.Ordinal);
            Assert.DoesNotContain("planted", frozen[at], StringComparison.Ordinal);
            if (at >= 2)
            {
                Assert.Contains("planted" + (at - 2), live[at], StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public async Task Leave_last_out_asks_before_each_users_last_liked_item_and_holds_it_out_of_everything()
    {
        FileAct[] acts =
        [
            Act("a", "x", 1), Act("b", "x", 2), Act("a", "y", 3), Act("b", "y", 4), Act("c", "x", 5),
            Act("a", "last-a", 6), Act("c", "y", 7), Act("c", "dull", 8) with { Type = "dislike" }, Act("b", "last-b", 9), Act("e", "only", 10),
        ];
        List<string> asked = [];

        JobOutcome outcome = await RunAsync(World(acts), new EvaluationSettings { Protocol = EvaluationProtocol.LeaveLastOut, Metrics = AtTwo }, (views, request) =>
        {
            string[] trending = [.. views.Trends.GetTrending(null, TrendWindow.AllTime, 100, 200_000).Select(item => item.Item.Value).Order()];
            asked.Add($"{request.User} at {views.Time.GetUtcNow().ToUnixTimeSeconds()}: {History(views, request)} | {string.Join(' ', trending)}");
            return ["last-a", "last-b"];
        });

        Assert.Equal(
        [
            "a at 6: view y @3000, view x @1000 | x y",
            "c at 7: view x @5000 | x y",
            "b at 9: view y @4000, view x @2000 | x y",
        ], asked);
        Assert.Equal((1 + 0 + SecondPlace) / 3, outcome.Metrics["slates.ndcg@2"], 1e-9);
    }

    [Fact]
    public async Task Prefixes_are_asked_with_their_items_or_for_a_user_who_just_touched_them()
    {
        FileWorld files = new() { Acts = [.. Ten.Select(act => act with { TimeMs = null })], Prefixes = [(["x", "y"], "z"), (["z"], "q")], DefaultType = "click" };
        List<string> asked = [];
        EvaluationSettings settings = new() { Protocol = EvaluationProtocol.Given, Metrics = AtTwo };

        JobOutcome outcome = await RunAsync(files.Build(Types), settings, (_, request) =>
        {
            asked.Add($"{request.User} {string.Join(' ', request.Items)}");
            return ["z"];
        });
        await RunAsync(files.Build(Types), settings with { AsksSessionsAsUsers = true }, (views, request) =>
        {
            asked.Add($"{request.Items.Length} items, {History(views, request)}");
            return ["z"];
        });

        Assert.Equal([" x y", " z", "0 items, click y @9000, click x @8000", "0 items, click z @9000"], asked.Order());
        Assert.Equal(0.5, outcome.Metrics["slates.mrr@2"], 1e-9);
        Assert.Equal(0.5, outcome.Metrics["slates.seen"], 1e-9);
        Assert.Contains("the order gives the times", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_rule_for_seen_items_applies_to_slates_and_to_the_other_rankings()
    {
        // Most users touched x. The prefix ends with x, and the right answer is x again.
        FileWorld files = new() { Acts = [.. Ten.Select(act => act with { TimeMs = null })], Prefixes = [(["x"], "x")], DefaultType = "click" };
        EvaluationSettings settings = new() { Protocol = EvaluationProtocol.Given, Metrics = AtTwo };
        List<SeenRule?> asked = [];

        JobOutcome byType = await RunAsync(files.Build(Types), settings, Answer);
        JobOutcome allowed = await RunAsync(files.Build(Types), settings with { Seen = SeenRule.Allow }, Answer);

        Assert.Equal([null, SeenRule.Allow], asked);
        Assert.Equal(0, byType.Metrics["popularity.mrr@2"]);
        Assert.Equal(1, allowed.Metrics["popularity.mrr@2"]);

        IEnumerable<string> Answer(EvaluatedViews views, SlateRequest request)
        {
            asked.Add(request.Seen);
            return ["z"];
        }
    }

    [Fact]
    public async Task Given_users_are_evaluated_on_their_test_items_with_a_history_from_which_models_do_not_learn()
    {
        FileWorld files = new()
        {
            Acts = [.. Ten.Select(act => act with { TimeMs = null, Type = null })],
            History = [new FileAct("new", "y"), new FileAct("new", "unlearned")],
            Test = [new FileAct("a", "q"), new FileAct("new", "z")],
            DefaultType = FileWorld.PairType,
        };
        List<string> asked = [];

        JobOutcome outcome = await RunAsync(files.Build(Types), new EvaluationSettings { Protocol = EvaluationProtocol.Given, Metrics = AtTwo }, (views, request) =>
        {
            asked.Add($"{request.User}: {History(views, request)}");
            Assert.False(views.Model.TryGetIndex(new ItemId("unlearned"), out _));
            return ["z"];
        });

        Assert.Equal(["a: pair z @8000, pair y @1000, pair x @0", "new: pair unlearned @11000, pair y @10000"], asked.Order());
        Assert.Equal(0.5, outcome.Metrics["slates.ndcg@2"], 1e-9);
        Assert.Equal(1, outcome.Metrics["slates.acts-1-2.ndcg@2"], 1e-9);
    }

    [Fact]
    public void New_items_are_chosen_independently_of_the_new_users()
    {
        // As many users as items: equal draws would choose the same numbers of both.
        FileAct[] acts = [.. Enumerable.Range(0, 400).Select(i => Act("u" + (i / 20), "i" + (i % 20), i + 1))];

        EvaluationPlan plan = EvaluationPlan.Of(World(acts), new EvaluationSettings { Protocol = EvaluationProtocol.NewUsers, Share = 0.5, NewItems = 0.5 });

        Assert.Equal(10, plan.NewItems.Count);
        Assert.NotEqual(plan.Questions.Select(question => question.User).Distinct().Order(), plan.NewItems.Order());
    }

    [Fact]
    public async Task New_users_have_only_their_first_likes_and_do_not_count_in_trends()
    {
        List<FileAct> acts = [.. Enumerable.Range(0, 60).Select(i => Act("u" + (i % 5), "old" + (i % 9), i + 1))];
        acts.AddRange(Enumerable.Range(0, 12).Select(i => Act("n", "n" + i, 100 + i)));
        List<string> histories = [];

        JobOutcome outcome = await RunAsync(World([.. acts]), new EvaluationSettings { Protocol = EvaluationProtocol.NewUsers, Share = 0.9, Metrics = AtTwo }, (views, request) =>
        {
            histories.Add(History(views, request));
            Assert.DoesNotContain(views.Trends.GetTrending(null, TrendWindow.AllTime, 100, 200_000), item => item.Item.Value.StartsWith('n'));
            return ["n11"];
        });

        Assert.Equal(["", "view n0 @111000", "view n2 @111000, view n1 @110000, view n0 @109000"], histories.OrderBy(history => history.Length).Take(3));
        Assert.Equal([1, 1, 1, 1, 1], ((int[])[0, 1, 3, 5, 10]).Select(likes => outcome.Metrics[$"questions.likes-{likes}"]));
        Assert.Equal(1 / (1 + SecondPlace), outcome.Metrics["slates.likes-10.ndcg@2"], 1e-9);
    }

    [Fact]
    public async Task Figures_do_not_depend_on_threads_and_are_reproducible()
    {
        FileAct[] acts = [.. Enumerable.Range(0, 400).Select(i => Act("u" + (i % 23), "i" + (i * i % 31), i + 1))];
        EvaluationSettings settings = new() { Share = 0.3, Metrics = AtTwo, Candidates = 12 };

        JobOutcome first = await RunAsync(World(acts), settings, (_, request) => ["i" + (request.User!.Value.Value.Length % 5), "i4"], threads: 1);
        JobOutcome second = await RunAsync(World(acts), settings, (_, request) => ["i" + (request.User!.Value.Value.Length % 5), "i4"], threads: 2);

        Assert.Equal(first.Metrics, second.Metrics);
        Assert.Contains("SAMPLED", first.Message, StringComparison.Ordinal);
        Assert.True(first.Metrics["slates.ndcg@2.low"] <= first.Metrics["slates.ndcg@2"] && first.Metrics["slates.ndcg@2"] <= first.Metrics["slates.ndcg@2.high"]);
    }

    [Fact]
    public async Task Questions_are_thinned_evenly_and_the_message_reports_it()
    {
        FileAct[] acts = [.. Enumerable.Range(0, 200).Select(i => Act("u" + (i % 10), "i" + (i % 20), i + 1))];
        List<long> asked = [];

        JobOutcome outcome = await RunAsync(World(acts), new EvaluationSettings { Protocol = EvaluationProtocol.Prequential, QuestionsMax = 4, Metrics = AtTwo }, (views, _) =>
        {
            asked.Add(views.Time.GetUtcNow().ToUnixTimeSeconds());
            return ["i1"];
        });

        Assert.Equal([161, 171, 181, 191], asked.Distinct());
        Assert.Contains("4 of 40 questions, chosen evenly", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Disliked_items_are_no_part_of_the_history_that_a_slate_is_compared_with()
    {
        // User b has also seen an item that has only category B.
        FileWorld files = new()
        {
            Acts = [Act("a", "v", 0) with { Type = "dislike" }, Act("b", "v", 0) with { Type = "dislike" }, .. Ten.Take(8), Act("b", "v", 8), .. Ten.Skip(8)],
            Catalogue = [.. ((string[])["x", "y", "z"]).Select(id => (new ItemId(id), Of("A"))), (new ItemId("v"), Of("B"))],
        };

        JobOutcome outcome = await RunAsync(files.Build(Types), new EvaluationSettings { Share = 0.15, Metrics = AtTwo }, (_, _) => ["v"]);

        double ofA = Math.Log(100);
        double ofB = (2 / 3.0 * Math.Log(100)) + (1 / 3.0 * Math.Log(1 / 3.0 / (0.99 + (0.01 / 3))));
        Assert.Equal((ofA + ofB) / 2, outcome.Metrics["slates.miscalibration"], 1e-9);
    }

    [Fact]
    public async Task Calibration_and_confidence_are_measured_against_the_history_and_the_hits()
    {
        // Histories have only category A. A slate that has only category B diverges by ln 100, and none of its items is relevant.
        FileWorld files = new()
        {
            Acts = [.. Ten.Select(act => act with { Type = "view" })],
            Catalogue = [.. ((string[])["x", "y", "z"]).Select(id => (new ItemId(id), Of("A"))), (new ItemId("w"), Of("B"))],
        };

        JobOutcome outcome = await RunAsync(files.Build(Types), new EvaluationSettings { Share = 0.2, Metrics = AtTwo }, (_, _) => ["w"], confidence: 0.95);

        Assert.Equal(Math.Log(100), outcome.Metrics["slates.miscalibration"], 1e-9);

        // The list by popularity has x, y, z and w, three quarters of which are of category A; a hundredth of the history's distribution is mixed in.
        Assert.Equal(-Math.Log((0.99 * 0.75) + 0.01), outcome.Metrics["popularity.miscalibration"], 1e-9);
        Assert.Equal(0.95, outcome.Metrics["slates.confidence-error"], 1e-6);
        Assert.Equal(1, outcome.Metrics["slates.categories"], 1e-9);
        Assert.Equal(1, outcome.Metrics["slates.new-items.share"], 1e-9);
    }

    [Fact]
    public async Task On_Linux_all_of_an_evaluation_has_low_priority_reading_and_slates_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "nice values of threads are a matter of Linux");
        BatchOptions options = new() { Model = Worlds.Small, ThreadCount = 2 };
        ConcurrentBag<int> seen = [];
        IEnumerable<string> Slate()
        {
            seen.Add(GetPriority(0, 0));
            return ["x", "z"];
        }

        await new OfflineEvaluation(options, new GivenSlates((_, _) => Slate()), new TrendsOptions { UsersMin = 1 }).RunAsync(
            () =>
            {
                seen.Add(GetPriority(0, 0));
                return World(Ten);
            },
            new EvaluationSettings { Share = 0.2, Metrics = AtTwo, Rounds = 50 },
            _ => seen.Add(GetPriority(0, 0)),
            Cancel);

        int nice = Math.Max(GetPriority(0, 0), options.Threads.Niceness);
        Assert.True(seen.Count > 4);
        Assert.All(seen, one => Assert.Equal(nice, one));
    }

    private static ItemContent Of(string category) => new() { Categories = [category] };

    private static FileAct Act(string user, string item, long second) => new(user, item) { Type = "view", TimeMs = second * 1_000 };

    private static ReplayWorld World(FileAct[] acts) => new FileWorld { Acts = acts }.Build(Types);

    private static string History(EvaluatedViews views, SlateRequest request)
    {
        ProfileReading reading = views.Profiles.GetAsync(request.User!.Value, after: null, Cancel).AsTask().GetAwaiter().GetResult();
        List<string> history = [];
        foreach (ProfileInteraction act in reading.Profile.History)
        {
            history.Add(string.Create(CultureInfo.InvariantCulture, $"{act.Type} {act.Item}{(act.Value is { } value ? $" {value}" : "")} @{act.TimestampMs}"));
        }

        return string.Join(", ", history);
    }

    private static Task<JobOutcome> RunAsync(
        ReplayWorld world,
        EvaluationSettings settings,
        Func<EvaluatedViews, SlateRequest, IEnumerable<string>> slate,
        double confidence = 0.5,
        int threads = 1) =>
        new OfflineEvaluation(
            new BatchOptions { Model = Worlds.Small, ThreadCount = threads }, new GivenSlates(slate, confidence), new TrendsOptions { UsersMin = 1 })
            .RunAsync(world, settings with { Rounds = 50 }, _ => { }, Cancel);

    [DllImport("libc", EntryPoint = "getpriority")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int GetPriority(int which, int who);
}

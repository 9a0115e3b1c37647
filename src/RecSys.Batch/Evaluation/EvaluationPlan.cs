using System.Globalization;
using RecSys.Batch.Replay;
using RecSys.Numerics;

namespace RecSys.Batch.Evaluation;

/// <summary>A question of an evaluation: a user, a time, and the right answers.</summary>
/// <param name="At">The number of the record before which the question is asked.</param>
/// <param name="User">The number of the user; −1 for an anonymous session.</param>
/// <param name="TimeMs">The time of the question, in milliseconds since 1970, UTC.</param>
/// <param name="Session">The numbers of the items of the request, oldest first.</param>
/// <param name="Relevant">The numbers of the relevant items (the right answers), ascending.</param>
internal sealed record Question(int At, int User, long TimeMs, IReadOnlyList<int> Session, int[] Relevant)
{
    /// <summary>Gets the numbers of the records that are the whole history of a new user, with times just before the question; null if the user's history is in the log.</summary>
    public IReadOnlyList<int>? Visit { get; init; }
}

/// <summary>The questions of a protocol, and the records from which models learn and those that the replay applies.</summary>
/// <param name="Protocol">The description of the protocol, shown beside every figure.</param>
/// <param name="Questions">The chosen questions, in the order in which they are asked.</param>
/// <param name="QuestionCount">The number of all questions of the protocol, from which <paramref name="Questions"/> were chosen.</param>
/// <param name="IsTrained">Returns whether models learn from the record with a number.</param>
/// <param name="IsApplied">Returns whether the replay applies the record with a number before later questions.</param>
/// <param name="FrozenAt">The number of the record before which profiles are frozen for <see cref="EvaluationFigures.Frozen"/>; −1: slates of frozen profiles are not evaluated.</param>
internal sealed record EvaluationPlan(
    string Protocol, IReadOnlyList<Question> Questions, int QuestionCount, Func<int, bool> IsTrained, Func<int, bool> IsApplied, int FrozenAt = -1)
{
    private static readonly int[] VisitLikes = [0, 1, 3, 5, 10];

    /// <summary>Gets the slices of questions by the number of the user's interactions: a name, and the smallest and largest number.</summary>
    public IReadOnlyList<(string Name, int Least, int Most)> Slices { get; init; } = EvaluationFigures.Slices;

    /// <summary>Gets the numbers of the items that are treated as new: their interactions are left out, and they are added to the catalogue at the time of the first question.</summary>
    public IReadOnlySet<int> NewItems { get; init; } = new HashSet<int>();

    public static EvaluationPlan Of(ReplayWorld world, EvaluationSettings settings)
    {
        SeededRandom random = new(settings.Seed);
        EvaluationPlan plan = OfProtocol(world, settings, ref random);
        if (settings.LeastWeight > 0)
        {
            plan = plan with { Protocol = Text($"{plan.Protocol}; liked is a weight of at least {settings.LeastWeight:0.##}") };
        }

        return settings.NewItems > 0 ? plan.WithoutActsOn(NewItemsOf(world, settings, ref random), world) : plan;
    }

    private static EvaluationPlan OfProtocol(ReplayWorld world, EvaluationSettings settings, ref SeededRandom random) => settings.Protocol switch
    {
        EvaluationProtocol.Temporal => Temporal(world, settings),
        EvaluationProtocol.LeaveLastOut => LeaveLastOut(world, settings),
        EvaluationProtocol.Prequential => Prequential(world, settings),
        EvaluationProtocol.NewUsers => NewUsers(world, settings, ref random),
        _ => GivenQuestions(world, settings),
    };

    /// <summary>Returns at most <paramref name="most"/> elements, evenly spaced over the list.</summary>
    public static IReadOnlyList<T> Thinned<T>(IReadOnlyList<T> all, int most)
    {
        if (all.Count <= most)
        {
            return all;
        }

        T[] chosen = new T[most];
        for (int i = 0; i < most; i++)
        {
            chosen[i] = all[(int)((long)i * all.Count / most)];
        }

        return chosen;
    }

    private static bool IsAnswer(in ReplayRecord record, EvaluationSettings settings) => record.IsRelevant && record.Weight >= settings.LeastWeight;

    private static HashSet<int> NewItemsOf(ReplayWorld world, EvaluationSettings settings, ref SeededRandom random)
    {
        int[] items = [.. Enumerable.Range(0, world.Items.Count)];
        random.Shuffle(items.AsSpan());
        return [.. items.Take((int)Math.Ceiling(items.Length * settings.NewItems))];
    }

    /// <summary>Returns the plan without the interactions with given items: models do not learn from them, and the replay does not apply them.</summary>
    private EvaluationPlan WithoutActsOn(HashSet<int> items, ReplayWorld world)
    {
        bool IsLeftOut(int at) => world.Records[at].IsAct && items.Contains(world.Records[at].Item);
        (Func<int, bool> isTrained, Func<int, bool> isApplied) = (IsTrained, IsApplied);
        return this with
        {
            Protocol = Text($"{Protocol}; {items.Count:N0} items, chosen by the seed, are new: their interactions are neither learned from nor applied, and they were added at the first question"),
            NewItems = items,
            IsTrained = at => !IsLeftOut(at) && isTrained(at),
            IsApplied = at => !IsLeftOut(at) && isApplied(at),
        };
    }

    private static EvaluationPlan Temporal(ReplayWorld world, EvaluationSettings settings)
    {
        (int cut, long cutMs) = CutOf(world, settings.ShareOrDefault);
        SortedDictionary<int, SortedDictionary<int, double>> later = [];
        for (int at = cut; at < world.Records.Count; at++)
        {
            ReplayRecord record = world.Records[at];
            if (record is { IsAct: true, MayBeRelevant: true })
            {
                if (!later.TryGetValue(record.User, out SortedDictionary<int, double>? items))
                {
                    later.Add(record.User, items = []);
                }

                items[record.Item] = items.GetValueOrDefault(record.Item) + record.Weight;
            }
        }

        Question[] all =
        [
            .. later.Select(pair => new Question(cut, pair.Key, cutMs, [], [.. pair.Value.Where(item => item.Value > 0 && item.Value >= settings.LeastWeight).Select(item => item.Key)]))
                .Where(question => question.Relevant.Length > 0),
        ];
        return new EvaluationPlan(
            Text($"temporal: at one moment, each user who liked something in the newest {settings.ShareOrDefault:0.#%} of interactions"),
            Thinned(all, settings.QuestionsMax),
            all.Length,
            at => at < cut,
            at => at < cut);
    }

    private static EvaluationPlan LeaveLastOut(ReplayWorld world, EvaluationSettings settings)
    {
        int[] last = new int[world.Users.Count];
        int[] before = new int[world.Users.Count];
        Array.Fill(last, int.MaxValue);
        int[] count = new int[world.Users.Count];
        for (int at = 0; at < world.Records.Count; at++)
        {
            ReplayRecord record = world.Records[at];
            if (!record.IsAct)
            {
                continue;
            }

            if (IsAnswer(record, settings))
            {
                last[record.User] = at;
                before[record.User] = count[record.User];
            }

            count[record.User]++;
        }

        bool IsKept(int at) => !world.Records[at].IsAct || at < last[world.Records[at].User] || before[world.Records[at].User] == 0;
        Question[] all =
        [
            .. Enumerable.Range(0, world.Users.Count)
                .Where(user => before[user] > 0)
                .OrderBy(user => last[user])
                .Select(user => new Question(last[user], user, world.Records[last[user]].TimeMs, [], [world.Records[last[user]].Item])),
        ];
        return new EvaluationPlan(
            "leave-last-out: just before each user's last liked interaction, with a model trained on the interactions before it of each user",
            Thinned(all, settings.QuestionsMax),
            all.Length,
            IsKept,
            IsKept);
    }

    private static EvaluationPlan Prequential(ReplayWorld world, EvaluationSettings settings)
    {
        (int cut, _) = CutOf(world, settings.ShareOrDefault);
        int[] asked = [.. Enumerable.Range(cut, world.Records.Count - cut).Where(at => IsAnswer(world.Records[at], settings))];
        return new EvaluationPlan(
            Text($"prequential: ask before each liked interaction of the newest {settings.ShareOrDefault:0.#%}, then apply it, with a model trained before all of them"),
            [
                .. Thinned(asked, settings.QuestionsMax).Select(at => new Question(
                    at, world.Records[at].User, world.Records[at].TimeMs, [], [world.Records[at].Item])),
            ],
            asked.Length,
            at => at < cut,
            _ => true,
            cut);
    }

    private static EvaluationPlan NewUsers(ReplayWorld world, EvaluationSettings settings, ref SeededRandom random)
    {
        List<int>[] likes = [.. world.Users.Select(_ => new List<int>())];
        HashSet<(int User, int Item)> liked = [];
        for (int at = 0; at < world.Records.Count; at++)
        {
            ReplayRecord record = world.Records[at];
            if (IsAnswer(record, settings) && liked.Add((record.User, record.Item)))
            {
                likes[record.User].Add(at);
            }
        }

        int[] users = [.. Enumerable.Range(0, likes.Length).Where(user => likes[user].Count > VisitLikes[^1])];
        random.Shuffle(users.AsSpan());
        users = users[..(int)Math.Ceiling(users.Length * settings.ShareOrDefault)];
        Array.Sort(users);
        HashSet<int> held = [.. users];
        int end = world.Records.Count;
        long nowMs = end == 0 ? 0 : Math.Max(0, world.Records[^1].TimeMs);
        bool IsKept(int at) => !held.Contains(world.Records[at].User);
        return new EvaluationPlan(
            Text($"new-users: {settings.ShareOrDefault:0.#%} of the users with over {VisitLikes[^1]} liked items are not trained on: each appears at the end, likes the first 0, 1, 3, 5, 10, and the others are predicted"),
            [
                .. Thinned(users, Math.Max(1, settings.QuestionsMax / VisitLikes.Length)).SelectMany(user => VisitLikes.Select(count => new Question(
                    end, user, nowMs, [], [.. likes[user].Skip(count).Select(at => world.Records[at].Item).Order()])
                {
                    Visit = [.. likes[user].Take(count)],
                })),
            ],
            users.Length * VisitLikes.Length,
            IsKept,
            IsKept)
        {
            Slices = [.. VisitLikes.Select(count => (Text($"likes-{count}"), count, count))],
        };
    }

    private static EvaluationPlan GivenQuestions(ReplayWorld world, EvaluationSettings settings)
    {
        int end = world.Records.Count;
        long nowMs = end == 0 ? 0 : Math.Max(0, world.Records[^1].TimeMs);
        IReadOnlyList<GivenQuestion> asked = Thinned(world.Given, settings.QuestionsMax);
        return new EvaluationPlan(
            world.Given.Any(question => question.User < 0)
                ? settings.AsksSessionsAsUsers
                    ? Text($"sessions: each given prefix, asked as a user with these interactions just before ({settings.SessionType})")
                    : "sessions: each given prefix, asked anonymously with its items"
                : "given: each user of the test file, after all given interactions",
            [.. asked.Select(question => new Question(end, question.User, nowMs, question.Session, [.. question.Relevant.Order()]))],
            world.Given.Count,
            at => !world.Records[at].IsHistoryOnly,
            _ => true);
    }

    // Returns the number of the first record of the newest share of interactions, and its time.
    private static (int Cut, long CutMs) CutOf(ReplayWorld world, double share)
    {
        int[] acts = [.. Enumerable.Range(0, world.Records.Count).Where(at => world.Records[at].IsAct)];
        if (acts.Length == 0)
        {
            return (world.Records.Count, 0);
        }

        long cutMs = world.Records[acts[Math.Min(acts.Length - 1, (int)((1 - share) * acts.Length))]].TimeMs;
        int cut = 0;
        while (world.Records[cut].TimeMs < cutMs)
        {
            cut++;
        }

        return (cut, cutMs);
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

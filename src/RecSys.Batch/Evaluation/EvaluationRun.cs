using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using RecSys.Batch.Replay;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using RecSys.Numerics;

namespace RecSys.Batch.Evaluation;

/// <summary>Replays a world, asks the questions of a plan, and computes the figures of the answers.</summary>
/// <remarks>Questions with the same time are asked in parallel. No figure depends on the number of threads.</remarks>
internal sealed class EvaluationRun : IDisposable
{
    private const int BlockQuestions = 8;

    private readonly ReplayWorld _world;
    private readonly EvaluationSettings _settings;
    private readonly EvaluationPlan _plan;
    private readonly ModelSnapshot _model;
    private readonly WorkerThreads _threads;
    private readonly WorldReplay _replay;
    private readonly NextLikes _nextLikes;
    private readonly ScoreRankings _rankings;
    private readonly IEvaluatedSlates? _slates;
    private readonly IEvaluatedSlates? _frozen;
    private readonly AnswerSheet? _slateSheet;
    private readonly AnswerSheet? _frozenSheet;
    private readonly AnswerSheet _modelSheet;
    private readonly AnswerSheet _popularitySheet;
    private readonly float[] _trainedUsers;
    private readonly int _trainedUserCount;
    private readonly int[] _actCounts;
    private readonly int _count;
    private int _degraded;

    public EvaluationRun(
        ReplayWorld world,
        EvaluationSettings settings,
        EvaluationPlan plan,
        TrainingSet set,
        ModelSnapshot model,
        TrendsOptions trends,
        ISlateEvaluation? slates,
        WorkerThreads threads)
    {
        _world = world;
        _settings = settings;
        _plan = plan;
        _model = model;
        _threads = threads;
        _replay = new WorldReplay(world, trends);
        _count = Math.Max(AnswerSheet.ListPlaces, settings.Metrics.Max(metric => metric.K));
        _actCounts = new int[plan.Questions.Count];
        _trainedUsers = new float[world.Items.Count];
        int[] degrees = set.ItemDegrees();
        for (int item = 0; item < degrees.Length; item++)
        {
            _trainedUsers[world.ItemNumbers[set.Items[item]]] = degrees[item];
        }

        _trainedUserCount = set.Weights.RowCount;
        _nextLikes = new NextLikes(world, _ => true);
        _rankings = new ScoreRankings(world, model, _count);
        if (slates is not null)
        {
            _slates = slates.Open(ViewsOf(_replay));
            _slateSheet = SheetOf(EvaluationFigures.Slates, isSlates: true);
            if (plan.FrozenAt >= 0)
            {
                _frozen = slates.Open(ViewsOf(_replay.AsFrozen()));
                _frozenSheet = SheetOf(EvaluationFigures.Frozen, isSlates: true);
            }
        }

        _modelSheet = SheetOf(EvaluationFigures.Model, isSlates: false);
        _popularitySheet = SheetOf(EvaluationFigures.Popularity, isSlates: false);

        EvaluatedViews ViewsOf(IUserProfiles profiles) => new(profiles, _replay, _replay, model, _replay.Time, settings.Seed);

        AnswerSheet SheetOf(string name, bool isSlates) => new(name, settings.Metrics, settings.Ideal, plan.Questions.Count, world.Items.Count, isSlates);
    }

    /// <summary>Gets the number of incomplete (degraded) slates.</summary>
    public int DegradedCount => _degraded;

    /// <summary>Gets the number of users in the questions; each anonymous question counts as a user.</summary>
    public int UserCount => Clusters().Distinct().Count();

    /// <summary>Gets the number of items of the model.</summary>
    public int ItemCount => _model.ItemCount;

    /// <summary>Asks all questions and returns the figures by name (<see cref="EvaluationFigures"/>).</summary>
    /// <param name="asked">Called with the share of questions that were asked, 0 to 1, on any thread.</param>
    /// <param name="judging">Called before the means and intervals are computed.</param>
    /// <param name="cancellationToken">Cancels the run between questions and between resamplings.</param>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    public ImmutableSortedDictionary<string, double> Judge(Action<double> asked, Action judging, CancellationToken cancellationToken)
    {
        int applied = 0;
        for (int first = 0; first < _plan.Questions.Count;)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Question question = _plan.Questions[first];
            int end = first + 1;
            while (end < _plan.Questions.Count && _plan.Questions[end].At == question.At && _plan.Questions[end].TimeMs == question.TimeMs)
            {
                end++;
            }

            applied = ApplyUpTo(applied, question.At);
            _replay.Time.MoveTo(question.TimeMs);
            Ask(first, end, asked, cancellationToken);
            first = end;
        }

        judging();
        AnswerSheet?[] sheets = [_slateSheet, _frozenSheet, _modelSheet, _popularitySheet];
        return EvaluationFigures.Of(
            [.. sheets.OfType<AnswerSheet>()],
            [.. Clusters()],
            _actCounts,
            _model.ItemCount,
            _settings,
            _plan.Slices,
            cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _slates?.Dispose();
        _frozen?.Dispose();
    }

    private IEnumerable<int> Clusters() => _plan.Questions.Select((question, index) => question.User >= 0 ? question.User : -1 - index);

    private int ApplyUpTo(int from, int end)
    {
        int frozenAt = _plan.FrozenAt;
        if (frozenAt >= from && frozenAt <= end)
        {
            _replay.Apply(from, frozenAt, _plan.IsApplied);
            _replay.Freeze();
            from = frozenAt;
        }

        if (end > from)
        {
            _replay.Apply(from, end, _plan.IsApplied);
        }

        return end;
    }

    private void Ask(int first, int end, Action<double> asked, CancellationToken cancellationToken)
    {
        if (end == first + 1)
        {
            Ask(first, _rankings.NewScratch(), cancellationToken);
            asked(end / (double)_plan.Questions.Count);
            return;
        }

        ParallelBlocks.Run(
            end - first,
            BlockQuestions,
            _threads,
            _rankings.NewScratch,
            (block, scratch) =>
            {
                for (int question = block.Start; question < block.End; question++)
                {
                    Ask(first + question, scratch, cancellationToken);
                }
            },
            done => asked((first + done) / (double)_plan.Questions.Count),
            cancellationToken);
    }

    private void Ask(int index, ScoreRankings.Scratch scratch, CancellationToken cancellationToken)
    {
        Question question = _plan.Questions[index];
        bool isVisitor = question.Visit is not null || (question.User < 0 && _settings.AsksSessionsAsUsers);
        UserId? user = isVisitor ? new UserId(string.Create(CultureInfo.InvariantCulture, $"visitor {index}"))
            : question.User >= 0 ? _world.Users[question.User]
            : null;
        if (isVisitor)
        {
            _replay.Enter(user!.Value, VisitorOf(user.Value, question));
        }

        UserProfile profile = user is { } known ? _replay.ProfileOf(known) : UserProfile.Empty;
        IReadOnlyDictionary<int, bool> touched = TouchedOf(question, profile);
        QuestionContext context = ContextOf(question, touched);
        _actCounts[index] = question.Visit?.Count ?? (question.User >= 0 ? _replay.ActCounts[question.User] : question.Session.Count);
        IReadOnlyList<int> session = isVisitor ? [] : question.Session;
        SlateRequest request = new()
        {
            User = user,
            Items = [.. session.TakeLast(SlateRequest.ItemsMax).Select(item => _world.Items[item])],
            Count = _count,
            Seen = _settings.Seen,
        };
        HashSet<int>? candidates = _settings.Candidates > 0 ? CandidatesOf(index, question, touched) : null;
        if (_slates is not null)
        {
            _slateSheet!.Fill(index, question, Served(_slates, request, candidates, cancellationToken), context);
        }

        if (_frozen is not null)
        {
            _frozenSheet!.Fill(index, question, Served(_frozen, request, candidates, cancellationToken), context);
        }

        _modelSheet.Fill(index, question, _rankings.ByModel(profile, session, touched, candidates, scratch), context);
        float[] popularity = _settings.IsPopularityOfTraining ? _trainedUsers : _replay.Popularity;
        _popularitySheet.Fill(index, question, ScoreRankings.ByPopularity(popularity, touched, candidates, scratch), context);
        if (isVisitor)
        {
            _replay.Leave(user!.Value);
        }
    }

    private Answer Served(IEvaluatedSlates slates, SlateRequest request, HashSet<int>? candidates, CancellationToken cancellationToken)
    {
        if (candidates is not null)
        {
            request = request with { Candidates = [.. candidates.Order().Take(SlateRequest.CandidatesMax).Select(item => _world.Items[item])] };
        }

        ValueTask<Slate> pending = slates.SlateAsync(request, cancellationToken);
        Slate slate = pending.IsCompleted ? pending.Result : pending.AsTask().GetAwaiter().GetResult();
        if (slate.IsDegraded)
        {
            Interlocked.Increment(ref _degraded);
        }

        int[] items = [.. slate.Items.Select(item => _world.ItemNumbers.GetValueOrDefault(item.Item, -1))];
        return new Answer(items, items, slate);
    }

    /// <summary>Returns the items that the user has touched, and for each whether slates leave it out: by the rule of the settings if they name one, otherwise by the rules of the interaction types; the items of an anonymous session are then all left out.</summary>
    private Dictionary<int, bool> TouchedOf(Question question, UserProfile profile)
    {
        IEnumerable<int> items = question.Visit is { } visit ? visit.Select(at => _world.Records[at].Item)
            : question.User >= 0 ? _replay.Touched[question.User] ?? []
            : question.Session;
        IReadOnlySet<ItemId>? leftOut = question.Visit is null && question.User < 0 && !_settings.AsksSessionsAsUsers ? null : LeftOutItems.Of(profile, _world.Types);
        Dictionary<int, bool> touched = [];
        foreach (int item in items)
        {
            touched[item] = _settings.Seen is { } rule ? rule == SeenRule.Exclude : leftOut is null || leftOut.Contains(_world.Items[item]);
        }

        return touched;
    }

    private HashSet<int> CandidatesOf(int index, Question question, IReadOnlyDictionary<int, bool> touched)
    {
        HashSet<int> candidates = [.. question.Relevant];
        SeededRandom random = new(_settings.Seed, (ulong)index);
        int free = _world.Items.Count - touched.Count - question.Relevant.Length;
        int room = Math.Min(free, SlateRequest.CandidatesMax - question.Relevant.Length);
        for (int left = Math.Min(_settings.Candidates, room); left > 0;)
        {
            int item = random.NextInt(_world.Items.Count);
            left -= !touched.ContainsKey(item) && candidates.Add(item) ? 1 : 0;
        }

        return candidates;
    }

    // Confidences are compared with the user's next liked items, or with the relevant items of a question whose user has no later interactions in the log.
    private int[] NextOf(Question question) =>
        question.Visit is null && question.User >= 0 && question.At < _world.Records.Count ? _nextLikes.Of(question.User, question.At) : question.Relevant;

    private IEnumerable<int> LikedOf(Question question) =>
        question.Visit is { } visit ? visit.Where(at => _world.Records[at].Weight > 0).Select(at => _world.Records[at].Item).Distinct()
        : question.User >= 0 ? _replay.LikedOf(question.User)
        : question.Session.Distinct();

    private QuestionContext ContextOf(Question question, IReadOnlyDictionary<int, bool> touched)
    {
        ItemCatalogue catalogue = _replay.Current;
        bool hasCategories = catalogue.Categories.Any();
        Dictionary<string, double> historyCategories = new(StringComparer.Ordinal);
        if (hasCategories)
        {
            foreach (int item in LikedOf(question))
            {
                if (CatalogueOf(item) is { Content.Categories: { IsEmpty: false } categories })
                {
                    QuestionContext.Spread(categories, historyCategories);
                }
            }
        }

        return new QuestionContext(touched, historyCategories, hasCategories, CatalogueOf, item => item >= 0 && _trainedUsers[item] > 0, NoveltyOf, NextOf(question));

        CatalogueItem? CatalogueOf(int item) => item >= 0 && catalogue.TryGet(_world.Items[item], out CatalogueItem? known) ? known : null;
    }

    private double NoveltyOf(int[] items)
    {
        double sum = 0;
        int known = 0;
        foreach (int item in items)
        {
            if (item >= 0)
            {
                sum -= Math.Log2((_trainedUsers[item] + 1.0) / (_trainedUserCount + 1.0));
                known++;
            }
        }

        return known == 0 ? 0 : sum / known;
    }

    // Returns the profile of a user whose only interactions are those of the question. They are one step apart, and the last one is at the time of the question.
    private UserProfile VisitorOf(UserId user, Question question)
    {
        long stepMs = (long)_settings.SessionStep.TotalMilliseconds;
        int count = question.Visit?.Count ?? question.Session.Count;
        LogEntry[] entries = new LogEntry[count];
        for (int i = 0; i < count; i++)
        {
            long timeMs = question.TimeMs - ((count - 1 - i) * stepMs);
            LogRecord.Interaction act = question.Visit is { } visit
                ? (LogRecord.Interaction)LogRecordCodec.Decode(_world.Records[visit[i]].Bytes.Span)! with { User = user, TimestampMs = timeMs }
                : new(user, _world.Items[question.Session[i]], _settings.SessionType, timeMs);
            ArrayBufferWriter<byte> bytes = new(96);
            LogRecordCodec.Encode(act, default(Owner), bytes);
            entries[i] = new LogEntry(_world.Records.Count + i, bytes.WrittenMemory);
        }

        return UserProfile.Empty.Apply(0, 0, entries);
    }
}

using System.Collections.Immutable;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Core.Slates;
using RecSys.Core.Users;
using RecSys.Serving;
using RecSys.TestKit.Models;

namespace RecSys.Server.Tests;

/// <summary>Profiles folded from a log at each read: always up to date, unless set to lag.</summary>
internal sealed class FoldedProfiles(IInteractionLog log, OwnerHash hash) : IUserProfiles, IMergedUsers
{
    public bool IsBehind { get; set; }

    public Exception? Fault { get; set; }

    public double? LagMs => 12.5;

    public async ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken)
    {
        if (Fault is { } fault)
        {
            throw fault;
        }

        (Owner Owner, UserProfile Profile)[] all = await FollowAsync(hash.Of(user), Limits.MergedMax + 1, cancellationToken);
        (Owner Owner, UserProfile Profile)[] chain = [.. all.Take(Limits.AliasesMax + 1)];
        UserProfile own = chain[0].Profile;
        return new ProfileReading(chain.Length == 1 ? own : UserProfile.Merge(own, [.. chain[1..].Select(merged => merged.Profile)]), !IsBehind)
        {
            Own = own,
            MergedOwners = [.. chain[1..].Select(merged => merged.Owner)],
            HasMoreMerged = chain.Length < all.Length,
        };
    }

    public async ValueTask<(ImmutableArray<Owner> Owners, bool IsReflected)> FindAsync(UserId user, LogPosition after, CancellationToken cancellationToken) =>
        ([.. (await FollowAsync(hash.Of(user), Limits.MergedMax + 1, cancellationToken))[1..].Select(merged => merged.Owner)], !IsBehind);

    private async Task<(Owner Owner, UserProfile Profile)[]> FollowAsync(Owner owner, int usersMax, CancellationToken cancellationToken)
    {
        List<(Owner Owner, UserProfile Profile)> chain = [(owner, await FoldAsync(owner, cancellationToken))];
        for (int at = 0; at < chain.Count; at++)
        {
            foreach (UserAlias alias in chain[at].Profile.Aliases)
            {
                if (chain.Count <= usersMax && chain.TrueForAll(known => known.Owner != alias.Owner))
                {
                    chain.Add((alias.Owner, await FoldAsync(alias.Owner, cancellationToken)));
                }
            }
        }

        return [.. chain];
    }

    private async ValueTask<UserProfile> FoldAsync(Owner owner, CancellationToken cancellationToken)
    {
        UserProfile profile = UserProfile.Empty;
        LogRange[] ranges = await log.GetRangesAsync(cancellationToken);
        for (int partition = 0; partition < ranges.Length; partition++)
        {
            LogChunk chunk = await log.ReadAsync(partition, 0, int.MaxValue, cancellationToken);
            profile = profile.Apply(
                log.Shape.Epoch,
                partition,
                [.. chunk.Entries.Where(entry => LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner of) && of == owner)]);
        }

        return profile;
    }
}

/// <summary>A catalogue that is folded from a log when a caller waits for it.</summary>
internal sealed class FoldedCatalogue(IInteractionLog log) : IItemCatalogue
{
    private readonly CatalogueFold _fold = new();
    private readonly Lock _lock = new();

    public ItemCatalogue Current => _fold.Current;

    public async ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken)
    {
        for (int partition = 0; partition < log.Shape.PartitionCount; partition++)
        {
            LogChunk chunk = await log.ReadAsync(
                partition, Math.Max(0, _fold.Current.Position[partition] + 1), int.MaxValue, cancellationToken);
            lock (_lock)
            {
                _fold.Apply(log.Shape.Epoch, partition, chunk.Entries);
            }
        }

        return true;
    }
}

/// <summary>A ranking whose weights can be fitted.</summary>
internal sealed class OneFeature : ISlateEvaluation
{
    public RankingWeights? Weights { get; } = new(["first"], [1], [1]);

    public ImmutableArray<OptionalFeature> OptionalFeatures => [];

    public bool HasFittedConfidence(ModelCard? model) => model is not null && FittedConfidence.Read(model.Parameters) is not null;

    public IEvaluatedSlates Open(EvaluatedViews views) => throw new NotSupportedException();
}

/// <summary>Answers every request with one made-up item, and stores the requests.</summary>
internal sealed class MadeUpRecommender : IRecommender
{
    public SlateRequest? Asked { get; private set; }

    public SimilarRequest? AskedSimilar { get; private set; }

    public ItemListRequest? AskedList { get; private set; }

    public ItemId? Explained { get; private set; }

    public ServedBy ServedBy { get; set; } = ServedBy.Full;

    public Exception? Fault { get; set; }

    public static SlateItem Item => new()
    {
        Item = new ItemId("film/1"),
        Score = 0.93,
        Confidence = 0.71,
        Explanation = "Because you viewed \"Alien\"",
        Features = new SlateFeatures(["affinity", "popularity"], [0.5f, 0.25f]),
        Sources = ["embedding", "covisit"],
        SeenAtMs = 1_000,
        IsUnknown = true,
        Content = new ItemContent
        {
            Title = "Aliens",
            Categories = ["sci-fi"],
            Labels = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("year", "1986"), KeyValuePair.Create("tags", "[\"a\",\"b\"]")]),
            Price = 19.90m,
            Currency = "EUR",
            Image = "/aliens.jpg",
            Url = "https://films.example/1",
            Stock = 2,
        },
    };

    public ValueTask<Slate> RecommendAsync(SlateRequest request, CancellationToken cancellationToken)
    {
        Asked = request;
        return Fault is { } fault ? throw fault : new(new Slate
        {
            RecommendationId = "01J0000000000000000000000A",
            ModelVersion = "20261124-143201-1",
            ServedBy = ServedBy,
            DegradedReasons = ServedBy == ServedBy.Full ? [] : ["profile late"],
            IsColdUser = true,
            FreshnessMs = 12,
            IsReflected = request.After is null ? null : true,
            InteractionsHeld = 3,
            InteractionsSinceModel = 1,
            Stages = [new StageTime("profile", 0.5)],
            Sources = [new SourceReport("embedding", 100, null)],
            Filtered = [new FilterReport(FilterReason.Touched, 2)],
            Items = [Item],
            Next = "cursor",
        });
    }

    public ValueTask<ItemList?> SimilarAsync(SimilarRequest request, CancellationToken cancellationToken)
    {
        AskedSimilar = request;
        return new(request.Item.Value == "nobody knows me" ? null : List());
    }

    public ValueTask<ItemList> TrendingAsync(ItemListRequest request, CancellationToken cancellationToken) => new(Answer(request));

    public ValueTask<ItemList> LatestAsync(ItemListRequest request, CancellationToken cancellationToken) => new(Answer(request));

    public ValueTask<ItemList> PopularAsync(ItemListRequest request, CancellationToken cancellationToken) => new(Answer(request));

    public ValueTask<Explanation> ExplainAsync(SlateRequest request, ItemId item, CancellationToken cancellationToken)
    {
        Asked = request;
        Explained = item;
        return new(new Explanation
        {
            Item = item,
            Title = "Aliens",
            Outcome = ExplanationOutcome.Filtered,
            Stage = "filters",
            Reason = "bought",
            Score = 0.5,
            Parts = [new ScorePart("affinity", 0.5, "fits your taste")],
            Because = [new ScoreCause(new ItemId("film/0"), "Alien", "view", 1_000, 0.5, false)],
            ModelShare = 1,
            Stages = [new StageOutcome("filters", "removed", "bought")],
        });
    }

    public async ValueTask<Explanation?> ExplainShownAsync(SlateRequest request, ItemId item, string recommendationId, CancellationToken cancellationToken) =>
        recommendationId == "unheard-of"
            ? null
            : await ExplainAsync(request, item, cancellationToken) with
            {
                RecommendationId = recommendationId,
                ShownAtMs = 1_000,
                Since = "since you bought it, it is not in the slate",
                Now = await ExplainAsync(request, item, cancellationToken),
            };

    public PageRequest? AskedPage { get; private set; }

    public async ValueTask<ImmutableArray<Shelf>> PageAsync(PageRequest request, CancellationToken cancellationToken)
    {
        AskedPage = request;
        Slate slate = await RecommendAsync(request.SlateOf(request.Shelves[0]), cancellationToken);
        return [.. request.Shelves.Select(shelf => shelf.Kind == ShelfKind.Recommended ? new Shelf(shelf.Name, slate, null) : new Shelf(shelf.Name, null, List()))];
    }

    private ItemList Answer(ItemListRequest request)
    {
        AskedList = request;
        return List();
    }

    private ItemList List() => new() { RecommendationId = "01J0000000000000000000000B", ServedBy = ServedBy, Items = [Item] };
}

/// <summary>Cards of models, and the aliases that name them.</summary>
internal sealed class CardStore : IModelStore, IServedModels
{
    private readonly Dictionary<string, ModelVersion> _aliases = [];

    public event Action<string>? AliasChanged;

    public event Action<string>? Changed;

    public List<ModelCard> Cards { get; } = [];

    public ModelCard? Champion =>
        _aliases.TryGetValue(ModelAliases.Champion, out ModelVersion version) ? Cards.Find(card => card.Version == version) : null;

    public ValueTask<ModelCard> PublishAsync(ModelVersion version, ModelContent content, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ModelCard>> ListAsync(CancellationToken cancellationToken) => new(Cards);

    /// <summary>The models that cannot be opened, with the reasons.</summary>
    public Dictionary<ModelVersion, string> Damaged { get; } = [];

    public ModelFallback? Fallback { get; set; }

    public ValueTask<IReadOnlyList<DamagedModel>> ListDamagedAsync(CancellationToken cancellationToken) =>
        new([.. Damaged.Select(pair => new DamagedModel(pair.Key, pair.Value))]);

    public ValueTask<ModelSnapshot?> OpenAsync(ModelVersion version, CancellationToken cancellationToken) =>
        Damaged.TryGetValue(version, out string? reason) ? throw new CorruptModelException(reason)
        : new(Cards.Exists(card => card.Version == version) ? ModelSnapshot.Of(SmallModels.Content(["item"])) : null);

    public ValueTask<ModelVersion?> GetAliasAsync(string name, CancellationToken cancellationToken) =>
        new(_aliases.TryGetValue(name, out ModelVersion version) ? version : null);

    public ValueTask<bool> SetAliasAsync(string name, ModelVersion? version, CancellationToken cancellationToken)
    {
        if (version is { } named && !Cards.Exists(card => card.Version == named))
        {
            return new(false);
        }

        if (version is { } set)
        {
            _aliases[name] = set;
        }
        else
        {
            _aliases.Remove(name);
        }

        AliasChanged?.Invoke(name);
        Changed?.Invoke(name);
        return new(true);
    }

    /// <summary>Called before an alias is replaced, as where another node replaces it first.</summary>
    public Action? BeforeReplacement { get; set; }

    public ValueTask<bool> TryReplaceAliasAsync(string name, ModelVersion? current, ModelVersion? version, CancellationToken cancellationToken)
    {
        BeforeReplacement?.Invoke();
        ModelVersion? found = _aliases.TryGetValue(name, out ModelVersion named) ? named : null;
        return found == current ? SetAliasAsync(name, version, cancellationToken) : new(false);
    }

    public ValueTask<int> DeleteOldAsync(int keep, CancellationToken cancellationToken) => new(0);

    public ModelLease? TryLease() => null;

    public ModelLease? TryLease(string name) => null;
}

/// <summary>Jobs that end when the test ends them.</summary>
internal sealed class ManualJobs : IBatchJobs
{
    private readonly Dictionary<string, JobStatus> _jobs = [];

    public string Node => "here";

    public JobRequest? Asked { get; private set; }

    public JobProblem? Check(JobRequest request) => new JobDefinition(
        JobKind.Train, [JobParameter.OneOf("pace", "fast", "slow")], (_, _, _) => throw new NotSupportedException()).Check(request.Parameters);

    /// <summary>Ends a job with a result.</summary>
    public void Succeed(string id, JobResult? result, string node = "here") => _jobs[id] = _jobs[id] with { State = JobState.Succeeded, Result = result, Node = node };

    public ValueTask<JobStatus> StartAsync(JobRequest request, CancellationToken cancellationToken)
    {
        Asked = request;
        JobStatus status = new($"job/{_jobs.Count + 1}", request.Kind, JobState.Running)
        {
            Progress = 0.5,
            Metrics = ImmutableSortedDictionary.CreateRange([KeyValuePair.Create("ndcg@10", 0.28)]),
        };
        _jobs[status.Id] = status;
        return new(status);
    }

    public ValueTask<JobStatus?> GetAsync(string id, CancellationToken cancellationToken) => new(_jobs.GetValueOrDefault(id));

    public ValueTask<IReadOnlyList<JobStatus>> ListAsync(CancellationToken cancellationToken) => new([.. _jobs.Values]);

    public ValueTask<JobStatus?> CancelAsync(string id, CancellationToken cancellationToken)
    {
        if (_jobs.TryGetValue(id, out JobStatus? status))
        {
            _jobs[id] = status = status with { State = JobState.Cancelled };
        }

        return new(status);
    }
}

/// <summary>One result of a job, named 7.</summary>
internal sealed class OneResult : IJobResults
{
    public string Place => "job results";

    public byte[] Bytes { get; } = [.. Enumerable.Repeat((byte)'x', 200_000), (byte)'\n'];

    public ValueTask<JobResult?> WriteAsync(Func<Stream, CancellationToken, Task> write, CancellationToken cancellationToken) =>
        throw new NotSupportedException();

    public Stream? Open(string id) => id == "7" ? new MemoryStream(Bytes) : null;

    public ValueTask<long> EraseAsync(Owner owner, LogPosition upTo, CancellationToken cancellationToken) => new(0);
}

/// <summary>A cluster whose members and reports are given.</summary>
internal sealed class GivenCluster : IClusterControl
{
    public bool IsReady { get; set; } = true;

    public IReadOnlyList<NodeStatus> Nodes { get; set; } =
    [
        new(
            new ClusterMember("local", "akka.closed://recsys@127.0.0.1:1", ["serve"], "up"),
            new NodeReport { IsReady = true, Version = "1.2.3", StartedAtMs = 1_000, Shards = 256, Partitions = [new(0, 7, new(0, 10, 8, 5, 3.5, 2))] }),
    ];

    public IReadOnlyList<PartitionStatus> Partitions { get; set; } = [new(0, "local", 7, 10, new(0, 10, 8, 5, 3.5, 2))];

    public DrainOutcome Drained { get; set; }

    public string Node => Nodes[0].Member.Name;

    public ValueTask<bool> IsReadyAsync(CancellationToken cancellationToken) => new(IsReady);

    public ValueTask<ClusterStatus> GetStatusAsync(CancellationToken cancellationToken) =>
        new(new ClusterStatus([.. Nodes.Select(node => node.Member)], 256, 7, [new PartitionProgress(0, 10, 8, 5, 3.5, 2)]));

    public ValueTask<IReadOnlyList<NodeStatus>> GetNodesAsync(CancellationToken cancellationToken) => new(Nodes);

    public ValueTask<IReadOnlyList<PartitionStatus>> GetPartitionsAsync(CancellationToken cancellationToken) => new(Partitions);

    public ValueTask<DrainAnswer> DrainAsync(string node, CancellationToken cancellationToken) =>
        new(new DrainAnswer(Drained, Nodes.FirstOrDefault(other => other.Member.Name == node), Nodes));
}

/// <summary>Receipts of erasures that are half done.</summary>
internal sealed class HalfDoneReceipts : IErasureReceipts
{
    public (Owner Owner, RecordPosition Record)? Asked { get; private set; }

    public string? Problem { get; set; }

    public IReadOnlyList<string> Remains { get; set; } = [];

    public IReadOnlyList<string> WaitsFor { get; set; } = [];

    public ValueTask<ErasureProgress?> GetAsync(Owner owner, RecordPosition record, CancellationToken cancellationToken)
    {
        Asked = (owner, record);
        return new(new ErasureProgress(false, [new ErasedPlace("log", 3, 1_000), new ErasedPlace("impressions", 0, null)], Problem) { Remains = Remains, WaitsFor = WaitsFor });
    }
}

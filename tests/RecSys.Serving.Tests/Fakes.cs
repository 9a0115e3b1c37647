using Microsoft.Extensions.Time.Testing;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Trends;
using RecSys.Core.Users;

namespace RecSys.Serving.Tests;

internal sealed class FakeProfiles : IUserProfiles
{
    public Dictionary<string, UserProfile> Profiles { get; } = new(StringComparer.Ordinal);

    /// <summary>Gets or sets the function that is called instead of a read; null: profiles are read.</summary>
    public Func<CancellationToken, ValueTask<ProfileReading>>? Instead { get; set; }

    public LogPosition? AskedAfter { get; private set; }

    public double? LagMs { get; set; } = 0;

    public ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken)
    {
        AskedAfter = after;
        if (Instead is not null)
        {
            return Instead(cancellationToken);
        }

        UserProfile profile = Profiles.GetValueOrDefault(user.Value, UserProfile.Empty);
        return new(new ProfileReading(profile, after is null || profile.Position.Covers(after)));
    }
}

internal sealed class FakeCatalogue(CatalogueFold fold) : IItemCatalogue
{
    public ItemCatalogue Current => fold.Current;

    public bool Reflects { get; set; } = true;

    public ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken) => new(Reflects);
}

internal sealed class FakeTrends(FakeTimeProvider time) : ITrends
{
    public List<ScoredItem> Trending { get; } = [];

    public List<ScoredItem> AllTime { get; } = [];

    public Dictionary<string, List<ScoredItem>> CoVisited { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, List<ScoredItem>> BoughtNext { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> UserCounts { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, long> FirstMs { get; } = new(StringComparer.Ordinal);

    public int BoughtNextCalls { get; private set; }

    public float ReturnScore { get; set; }

    public Func<ItemId, string?> CategoryOf { get; set; } = _ => null;

    /// <summary>Gets or sets the duration of each call.</summary>
    public TimeSpan TrendingTakes { get; set; }

    public TimeSpan CoVisitedTakes { get; set; }

    public Exception? TrendingFails { get; set; }

    public Exception? CoVisitedFails { get; set; }

    public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs)
    {
        time.Advance(TrendingTakes);
        if (TrendingFails is { } failure)
        {
            throw failure;
        }

        return [.. (window == TrendWindow.AllTime ? AllTime : Trending).Where(item => category is null || CategoryOf(item.Item) == category).Take(count)];
    }

    public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count)
    {
        time.Advance(CoVisitedTakes);
        if (CoVisitedFails is { } failure)
        {
            throw failure;
        }

        return CoVisited.TryGetValue(item.Value, out List<ScoredItem>? visited) ? [.. visited.Take(count)] : [];
    }

    public long GetUserCount(ItemId item) => UserCounts.GetValueOrDefault(item.Value);

    public long? GetFirstInteractionMs(ItemId item) => FirstMs.TryGetValue(item.Value, out long firstMs) ? firstMs : null;

    public IReadOnlyList<ScoredItem> GetBoughtNext(ItemId item, int count)
    {
        BoughtNextCalls++;
        return BoughtNext.TryGetValue(item.Value, out List<ScoredItem>? bought) ? [.. bought.Take(count)] : [];
    }
}

internal sealed class FakeModels : IServedModels
{
    private SharedModel? _shared;

    public event Action<string>? Changed;

    public ModelCard? Champion { get; private set; }

    public void Serve(ModelSnapshot? model)
    {
        SharedModel? before = _shared;
        _shared = model is null ? null : new SharedModel(model);
        before?.Release();
        Champion = model?.Card;
        Changed?.Invoke("champion");
    }

    public ModelLease? TryLease()
    {
        // If the model was replaced between the look-up and the lease, the next look-up finds its successor.
        while (Volatile.Read(ref _shared) is { } shared)
        {
            if (shared.TryLease() is { } lease)
            {
                return lease;
            }
        }

        return null;
    }

    public ModelLease? TryLease(string name) => TryLease();
}

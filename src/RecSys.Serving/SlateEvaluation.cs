using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using RecSys.Core;
using RecSys.Core.Catalogue;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Core.Users;

namespace RecSys.Serving;

/// <summary>Runs the serving layer on given histories with one model.</summary>
/// <remarks>Trends and impressions are left out: those of the log would include the interactions that the evaluation holds out.</remarks>
internal sealed class SlateEvaluation(OwnerHash hash, InteractionTypes types, TimeProvider time) : ISlateEvaluation
{
    // The deadline is long, because a late slate would be judged as a bad one.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEvaluatedSlates Open(ModelSnapshot model, ItemCatalogue? catalogue, Func<int, ImmutableArray<WeightedItem>> historyOf)
    {
        ServingOptions options = new() { Deadline = Deadline };
        ServingMetrics metrics = new();
        Recommender recommender = new(
            new GivenProfiles(historyOf, types),
            new GivenCatalogue(catalogue ?? new CatalogueFold().Current),
            new NoTrends(),
            new OneModel(model),
            impressions: null,
            ranker: null,
            hash,
            types,
            time,
            options,
            new SlateCache(time, options),
            metrics);
        return new Slates(recommender, metrics);
    }

    private static UserId IdOf(int row) => new(row.ToString(CultureInfo.InvariantCulture));

    private sealed class Slates(Recommender recommender, ServingMetrics metrics) : IEvaluatedSlates
    {
        /// <inheritdoc/>
        public async ValueTask<IReadOnlyList<ItemId>> SlateAsync(int row, int count, CancellationToken cancellationToken)
        {
            Slate slate = await recommender.RecommendAsync(new SlateRequest { User = IdOf(row), Count = count }, cancellationToken).ConfigureAwait(false);
            return [.. slate.Items.Select(item => item.Item)];
        }

        /// <inheritdoc/>
        public void Dispose() => metrics.Dispose();
    }

    /// <summary>Provides profiles made from given histories.</summary>
    private sealed class GivenProfiles(Func<int, ImmutableArray<WeightedItem>> historyOf, InteractionTypes types) : IUserProfiles
    {
        private readonly InteractionType _rating = types.All.FirstOrDefault(type => type.IsRating)
            ?? types.All.First(type => type.Weight > 0);

        /// <inheritdoc/>
        public double? LagMs => 0;

        /// <inheritdoc/>
        public ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken)
        {
            ImmutableArray<WeightedItem> history = historyOf(int.Parse(user.Value, CultureInfo.InvariantCulture));
            LogEntry[] entries = new LogEntry[history.Length];
            for (int i = 0; i < entries.Length; i++)
            {
                ArrayBufferWriter<byte> bytes = new();
                LogRecord.Interaction interaction = new(user, history[i].Item, _rating.Name, TimestampMs: 0) { Value = ValueOf(history[i].Weight) };
                LogRecordCodec.Encode(interaction, default(Owner), bytes);
                entries[i] = new LogEntry(i, bytes.WrittenMemory);
            }

            return ValueTask.FromResult(new ProfileReading(UserProfile.Empty.Apply(0, 0, entries), IsReflected: true));
        }

        // Returns the rating that gives a weight in a history: a history weighs by the square root of its sum.
        private double ValueOf(float weight)
        {
            const double Unweighted = 2;
            return Unweighted + (2.0 * weight * weight / _rating.Weight);
        }
    }

    private sealed class GivenCatalogue(ItemCatalogue catalogue) : IItemCatalogue
    {
        public ItemCatalogue Current => catalogue;

        public ValueTask<bool> WaitUntilAsync(LogPosition position, CancellationToken cancellationToken) => ValueTask.FromResult(true);
    }

    private sealed class NoTrends : ITrends
    {
        public IReadOnlyList<ScoredItem> GetTrending(string? category, TrendWindow window, int count, long nowMs) => [];

        public IReadOnlyList<ScoredItem> GetCoVisited(ItemId item, int count) => [];
    }

    private sealed class OneModel(ModelSnapshot model) : IServedModels
    {
        private readonly SharedModel _shared = new(model);

        /// <inheritdoc/>
        public event Action<string>? Changed
        {
            add { }
            remove { }
        }

        /// <inheritdoc/>
        public ModelCard? Champion => _shared.Card;

        /// <inheritdoc/>
        public ModelLease? TryLease() => _shared.TryLease();

        /// <inheritdoc/>
        public ModelLease? TryLease(string name) => name == ModelAliases.Champion ? TryLease() : null;
    }
}

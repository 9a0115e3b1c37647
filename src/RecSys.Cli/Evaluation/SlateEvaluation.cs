using System.Buffers;
using Microsoft.Extensions.DependencyInjection;
using RecSys.Batch.Evaluation;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Core.Ports;
using RecSys.Core.Slates;
using RecSys.Core.Trends;
using RecSys.Core.Users;
using RecSys.Serving;

namespace RecSys.Cli.Evaluation;

/// <summary>The serving layer over the users of a split: their profiles hold what the split trains on, and nothing else is known of the world.</summary>
/// <remarks>Trends and impressions are left out: the log's own would tell what the split holds out.</remarks>
internal sealed class SlateEvaluation(IItemCatalogue catalogue, OwnerHash hash, InteractionTypes types, TimeProvider time) : ISlateEvaluation
{
    // There is no hurry, and a slate that is late would be judged as a bad one.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <inheritdoc/>
    public IEvaluatedSlates Open(EvaluationSplit split, ModelSnapshot model)
    {
        SplitProfiles profiles = new(split, types);
        ServiceProvider provider = new ServiceCollection()
            .AddMetrics()
            .AddSingleton(time)
            .AddSingleton(hash)
            .AddSingleton(types)
            .AddSingleton(catalogue)
            .AddSingleton<IUserProfiles>(profiles)
            .AddSingleton<ITrends, NoTrends>()
            .AddSingleton<IServedModels>(new OneModel(model))
            .AddServingLayer(options => options.Deadline = Deadline)
            .BuildServiceProvider();
        return new Slates(provider, provider.GetRequiredService<IRecommender>());
    }

    private sealed class Slates(ServiceProvider provider, IRecommender recommender) : IEvaluatedSlates
    {
        /// <inheritdoc/>
        public async ValueTask<IReadOnlyList<ItemId>> SlateAsync(EvaluationUser user, int count, CancellationToken cancellationToken)
        {
            Slate slate = await recommender.RecommendAsync(new SlateRequest { User = SplitProfiles.IdOf(user.Row), Count = count }, cancellationToken);
            return [.. slate.Items.Select(item => item.Item)];
        }

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => provider.DisposeAsync();
    }

    /// <summary>Profiles made of the rows of a split.</summary>
    private sealed class SplitProfiles(EvaluationSplit split, InteractionTypes types) : IUserProfiles
    {
        private readonly InteractionType _rating = types.All.FirstOrDefault(type => type.IsRating)
            ?? types.All.First(type => type.Weight > 0);

        /// <inheritdoc/>
        public double? LagMs => 0;

        public static UserId IdOf(int row) => new(row.ToString(System.Globalization.CultureInfo.InvariantCulture));

        /// <inheritdoc/>
        public ValueTask<ProfileReading> GetAsync(UserId user, LogPosition? after, CancellationToken cancellationToken)
        {
            int row = int.Parse(user.Value, System.Globalization.CultureInfo.InvariantCulture);
            ReadOnlySpan<int> items = split.Train.Weights.RowColumns(row);
            ReadOnlySpan<float> weights = split.Train.Weights.RowValues(row);
            LogEntry[] entries = new LogEntry[items.Length];
            for (int i = 0; i < entries.Length; i++)
            {
                ArrayBufferWriter<byte> bytes = new();
                LogRecord.Interaction interaction = new(user, split.Train.Items[items[i]], _rating.Name, TimestampMs: 0) { Value = ValueOf(weights[i]) };
                LogRecordCodec.Encode(interaction, default(Owner), bytes);
                entries[i] = new LogEntry(i, bytes.WrittenMemory);
            }

            return ValueTask.FromResult(new ProfileReading(UserProfile.Empty.Apply(0, 0, entries), IsReflected: true));
        }

        // The rating whose weight in a history is the split's: a history weighs by the square root of its sum.
        private double ValueOf(float weight)
        {
            const double Unweighted = 2;
            return Unweighted + (2.0 * weight * weight / _rating.Weight);
        }
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

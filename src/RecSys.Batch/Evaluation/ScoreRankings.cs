using RecSys.Batch.Replay;
using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Core.Users;
using RecSys.Numerics;

namespace RecSys.Batch.Evaluation;

/// <summary>Ranks all items of a world by a model's scores or by popularity.</summary>
/// <remarks>A list leaves out the touched items that slates leave out; the list for the metrics of new items leaves out all touched items. Safe for concurrent use with one <see cref="Scratch"/> for each thread.</remarks>
internal sealed class ScoreRankings
{
    /// <summary>The weight of each item of a request's session.</summary>
    private const float SessionWeight = 2;

    private readonly ReplayWorld _world;
    private readonly ModelSnapshot _model;
    private readonly ModelScorer _scorer;
    private readonly int[] _numbers;
    private readonly int _count;

    public ScoreRankings(ReplayWorld world, ModelSnapshot model, int count)
    {
        _world = world;
        _model = model;
        _scorer = new ModelScorer(model);
        _count = Math.Min(count, world.Items.Count);
        _numbers = new int[model.ItemCount];
        for (int item = 0; item < _numbers.Length; item++)
        {
            _numbers[item] = world.ItemNumbers[model.ItemAt(item)];
        }
    }

    /// <summary>The buffers of one thread.</summary>
    public sealed class Scratch(int items, int modelItems, int count)
    {
        public float[] Scores { get; } = new float[items];

        public float[] ModelScores { get; } = new float[modelItems];

        public int[] Items { get; } = new int[Limits.HistoryMax * (Limits.AliasesMax + 1)];

        public float[] Weights { get; } = new float[Limits.HistoryMax * (Limits.AliasesMax + 1)];

        public int[] Top { get; } = new int[count];

        public float[] TopScores { get; } = new float[count];
    }

    public Scratch NewScratch() => new(_world.Items.Count, _model.ItemCount, _count);

    public Answer ByModel(UserProfile profile, IReadOnlyList<int> session, IReadOnlyDictionary<int, bool> touched, HashSet<int>? candidates, Scratch scratch)
    {
        int count = profile.Count <= scratch.Items.Length ? HistoryWeights.Read(profile, _model, _world.Types, scratch.Items, scratch.Weights) : 0;
        if (session.Count > 0)
        {
            count = 0;
            foreach (int item in session)
            {
                if (count < scratch.Items.Length && _model.TryGetIndex(_world.Items[item], out int index))
                {
                    scratch.Items[count] = index;
                    scratch.Weights[count++] = SessionWeight;
                }
            }

            count = HistoryWeights.Combine(scratch.Items.AsSpan(0, count), scratch.Weights.AsSpan(0, count));
        }

        _scorer.ScoreAll(scratch.Items.AsSpan(0, count), scratch.Weights.AsSpan(0, count), scratch.ModelScores);
        Array.Fill(scratch.Scores, float.NegativeInfinity);
        for (int item = 0; item < _numbers.Length; item++)
        {
            scratch.Scores[_numbers[item]] = scratch.ModelScores[item];
        }

        return Ranked(touched, candidates, scratch);
    }

    public static Answer ByPopularity(float[] popularity, IReadOnlyDictionary<int, bool> touched, HashSet<int>? candidates, Scratch scratch)
    {
        popularity.CopyTo(scratch.Scores, 0);
        return Ranked(touched, candidates, scratch);
    }

    private static Answer Ranked(IReadOnlyDictionary<int, bool> touched, HashSet<int>? candidates, Scratch scratch)
    {
        if (candidates is not null)
        {
            for (int item = 0; item < scratch.Scores.Length; item++)
            {
                if (!candidates.Contains(item))
                {
                    scratch.Scores[item] = float.NegativeInfinity;
                }
            }
        }

        bool listsDiffer = false;
        foreach ((int item, bool isBlocked) in touched)
        {
            if (isBlocked)
            {
                scratch.Scores[item] = float.NegativeInfinity;
            }

            listsDiffer |= !isBlocked;
        }

        int[] allowed = Top(scratch);
        if (!listsDiffer)
        {
            return new Answer(allowed, allowed, Slate: null);
        }

        foreach (int item in touched.Keys)
        {
            scratch.Scores[item] = float.NegativeInfinity;
        }

        return new Answer(allowed, Top(scratch), Slate: null);
    }

    private static int[] Top(Scratch scratch) => scratch.Top[..TopK.Select(scratch.Scores, scratch.TopScores, scratch.Top, float.MinValue)];
}

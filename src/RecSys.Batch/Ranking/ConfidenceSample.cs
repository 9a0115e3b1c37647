using System.Runtime.InteropServices;
using RecSys.Core;
using RecSys.Core.Ports;
using RecSys.Core.Ranking;
using RecSys.Numerics;

namespace RecSys.Batch.Ranking;

/// <summary>The sample to which a curve of confidences is fitted: items of slates, and whether the user liked them next.</summary>
internal sealed class ConfidenceSample
{
    // For each item: the constant 1, the score, and ln(1 + the liked items of the user that the model has).
    private readonly List<double> _rows = [];
    private readonly List<bool> _outcomes = [];

    /// <summary>Adds the items of a slate.</summary>
    /// <param name="slate">The items of the slate with their scores.</param>
    /// <param name="next">The items that the user liked next.</param>
    public void Add(RankedItems slate, IReadOnlySet<ItemId> next)
    {
        double evidence = Math.Log(1 + slate.KnownLikes);
        for (int place = 0; place < slate.Items.Count; place++)
        {
            _rows.AddRange([1, slate.Scores[place], evidence]);
            _outcomes.Add(next.Contains(slate.Items[place]));
        }
    }

    /// <summary>Fits the curve.</summary>
    /// <returns>The curve; null if the outcomes do not rise with the score, or if all are the same.</returns>
    public FittedConfidence? Fit()
    {
        double[] fitted = new double[3];
        bool hasBoth = _outcomes.Contains(true) && _outcomes.Contains(false);
        return hasBoth && LogisticRegression.TryFit(CollectionsMarshal.AsSpan(_rows), CollectionsMarshal.AsSpan(_outcomes), fitted)
            && new FittedConfidence(fitted[0], fitted[1], fitted[2]) is { IsAllowed: true } curve ? curve : null;
    }
}

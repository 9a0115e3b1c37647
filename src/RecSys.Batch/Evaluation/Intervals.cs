using RecSys.Numerics;

namespace RecSys.Batch.Evaluation;

/// <summary>Computes percentile intervals of means over questions by a cluster bootstrap: users are resampled with replacement, each with all of the user's questions, because the answers of one user are not independent.</summary>
internal static class Intervals
{
    /// <summary>The confidence level of the intervals.</summary>
    public const double Confidence = 0.95;

    /// <summary>Returns the interval of the mean of each series; NaN for a series without values.</summary>
    /// <param name="series">The series, each with one value per question; NaN if the question has no value.</param>
    /// <param name="clusters">The cluster of each question, which is resampled as a whole: the user of the question.</param>
    /// <param name="rounds">The number of resamplings, at least 1.</param>
    /// <param name="seed">The seed of the resampling.</param>
    /// <param name="cancellationToken">Cancels the computation between resamplings.</param>
    public static (double Low, double High)[] Of(
        IReadOnlyList<double[]> series, IReadOnlyList<int> clusters, int rounds, ulong seed, CancellationToken cancellationToken)
    {
        int[] distinct = [.. clusters.Distinct()];
        Dictionary<int, int> rows = distinct.Select((cluster, row) => (cluster, row)).ToDictionary(pair => pair.cluster, pair => pair.row);
        int width = series.Count;
        double[] sums = new double[distinct.Length * width];
        double[] counts = new double[distinct.Length * width];
        for (int question = 0; question < clusters.Count; question++)
        {
            int row = rows[clusters[question]] * width;
            for (int s = 0; s < width; s++)
            {
                if (!double.IsNaN(series[s][question]))
                {
                    sums[row + s] += series[s][question];
                    counts[row + s]++;
                }
            }
        }

        List<double>[] means = [.. series.Select(_ => new List<double>(rounds))];
        SeededRandom random = new(seed);
        double[] sum = new double[width];
        double[] count = new double[width];
        for (int round = 0; round < rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Array.Clear(sum);
            Array.Clear(count);
            for (int draw = 0; draw < distinct.Length; draw++)
            {
                int row = random.NextInt(distinct.Length) * width;
                for (int s = 0; s < width; s++)
                {
                    sum[s] += sums[row + s];
                    count[s] += counts[row + s];
                }
            }

            for (int s = 0; s < width; s++)
            {
                if (count[s] > 0)
                {
                    means[s].Add(sum[s] / count[s]);
                }
            }
        }

        return [.. means.Select(Middle)];
    }

    private static (double Low, double High) Middle(List<double> means)
    {
        if (means.Count == 0)
        {
            return (double.NaN, double.NaN);
        }

        means.Sort();
        double tail = (1 - Confidence) / 2;
        return (means[(int)(tail * (means.Count - 1))], means[(int)Math.Ceiling((1 - tail) * (means.Count - 1))]);
    }
}

using RecSys.Batch.Evaluation;
using Xunit;

namespace RecSys.Batch.Tests.Evaluation;

public sealed class RankingMetricsTests
{
    private static readonly bool[] Hits = [false, true, false, true];

    [Fact]
    public void Precision_recall_hit_rate_and_rank_are_those_of_the_first_places()
    {
        Assert.Equal(0.5, RankingMetrics.Precision(Hits, 4));
        Assert.Equal(0.2, RankingMetrics.Precision(Hits, 10));
        Assert.Equal(0.25, RankingMetrics.Recall(Hits, relevant: 4, k: 2));
        Assert.Equal(0, RankingMetrics.HitRate(Hits, 1));
        Assert.Equal(1, RankingMetrics.HitRate(Hits, 2));
        Assert.Equal(0.5, RankingMetrics.ReciprocalRank(Hits, 4));
        Assert.Equal(0, RankingMetrics.ReciprocalRank([], 4));
    }

    [Fact]
    public void Gain_is_discounted_by_rank_and_divided_by_that_of_the_ideal_list()
    {
        double gain = (1 / Math.Log2(3)) + (1 / Math.Log2(5));
        double firstTwo = 1 + (1 / Math.Log2(3));
        double allThree = firstTwo + (1 / Math.Log2(4));

        Assert.Equal(gain / firstTwo, RankingMetrics.Ndcg(Hits, relevant: 2, k: 4, IdealGain.FirstK), 12);
        Assert.Equal((1 / Math.Log2(3)) / firstTwo, RankingMetrics.Ndcg(Hits, relevant: 3, k: 2, IdealGain.FirstK), 12);
        Assert.Equal((1 / Math.Log2(3)) / allThree, RankingMetrics.Ndcg(Hits, relevant: 3, k: 2, IdealGain.AllRelevant), 12);
    }

    [Theory]
    [InlineData("ndcg@10", true)]
    [InlineData("HR@5", true)]
    [InlineData("ndcg", false)]
    [InlineData("ndcg@0", false)]
    [InlineData("ndcg@1001", false)]
    [InlineData("auc@10", false)]
    [InlineData("1@10", false)]
    public void A_metric_is_read_from_its_name(string text, bool isMetric) => Assert.Equal(isMetric, Metric.TryParse(text, out _));
}

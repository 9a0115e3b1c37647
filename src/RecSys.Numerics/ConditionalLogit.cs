namespace RecSys.Numerics;

/// <summary>One choice: the features of its alternatives, which of them was taken, and the share of the second set of weights.</summary>
/// <param name="Rows">One row of F features per alternative.</param>
/// <param name="Taken">The 0-based number of the alternative that was taken.</param>
/// <param name="Share">The share s of the second set of weights, 0 to 1.</param>
public readonly record struct Choice(ReadOnlyMemory<float> Rows, int Taken, float Share);

/// <summary>Fits the weights of features to choices among alternatives (McFadden, Conditional logit analysis of qualitative choice behavior, 1974).</summary>
/// <remarks>
/// An alternative i of a choice has the utility u(i) = Σ v(f) x(i, f) with v = (1 − s) · w + s · c · other. The weights w minimise
/// Σ −log(exp u(taken) / Σ exp u(i)) + ½ Σ r(f) (w(f) − c · prior(f))², by Newton's method with step halving; the loss is convex. c is the factor that minimises the first sum for w = c · prior.
/// r(f) is <c>strength</c> times the mean variance of the feature among the alternatives of a choice, so that the prior has the weight of this number of choices.
/// </remarks>
public static class ConditionalLogit
{
    private const int StepsMax = 50;
    private const int HalvingsMax = 30;
    private const double DecrementMin = 1e-9;
    private const double VarianceMin = 1e-9;

    /// <summary>Fits the weights.</summary>
    /// <param name="choices">Observed choices, each with F features per alternative.</param>
    /// <param name="prior">Prior weights, F values of any scale; the distance from them is penalised.</param>
    /// <param name="other">Second set of weights, which is not fitted; F values of the same scale.</param>
    /// <param name="strength">Weight of the prior as a number of choices, above 0.</param>
    /// <param name="weights">Receives the fitted weights on the scale of the prior, w / c; F values.</param>
    /// <param name="cancellationToken">Cancels the fit between two steps.</param>
    /// <param name="held">The numbers of the features whose weights stay the prior ones.</param>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static void Fit(
        IReadOnlyList<Choice> choices, ReadOnlySpan<double> prior, ReadOnlySpan<double> other, double strength, Span<double> weights, CancellationToken cancellationToken, params ReadOnlySpan<int> held)
    {
        ArgumentNullException.ThrowIfNull(choices);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(strength);
        int size = prior.Length;
        if (other.Length != size || weights.Length != size)
        {
            throw new ArgumentException($"{size} features need {size} weights, not {other.Length} and {weights.Length}", nameof(weights));
        }

        Loss loss = new(choices, size);
        double factor = FactorOf(loss, prior, other, cancellationToken);
        double[] centre = new double[size];
        double[] scaled = new double[size];
        for (int f = 0; f < size; f++)
        {
            centre[f] = factor * prior[f];
            scaled[f] = factor * other[f];
        }

        centre.CopyTo(weights);
        loss.Evaluate(weights, scaled);
        double[] penalty = new double[size];
        for (int f = 0; f < size; f++)
        {
            penalty[f] = strength * Math.Max(loss.Variances[f] / Math.Max(1, choices.Count), VarianceMin);
        }

        Descend(loss, weights, scaled, centre, penalty, held, cancellationToken);
        foreach (ref double weight in weights)
        {
            weight /= factor;
        }
    }

    private static void Descend(Loss loss, Span<double> weights, double[] other, double[] centre, double[] penalty, ReadOnlySpan<int> held, CancellationToken cancellationToken)
    {
        int size = centre.Length;
        double[] factored = new double[size * size];
        double[] step = new double[size];
        double[] tried = new double[size];
        double current = loss.Value + PenaltyOf(weights, centre, penalty);
        for (int round = 0; round < StepsMax; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            loss.Hessian.CopyTo(factored, 0);
            for (int f = 0; f < size; f++)
            {
                step[f] = -(loss.Gradient[f] + (penalty[f] * (weights[f] - centre[f])));
                factored[(f * size) + f] += penalty[f];
            }

            foreach (int feature in held)
            {
                Hold(feature, step, factored);
            }

            double[] slope = [.. step];
            if (!Cholesky.TryFactor(factored, size))
            {
                return;
            }

            Cholesky.Solve(factored, step);
            double decrement = Embeddings.Dot(slope, step);
            if (!(decrement > DecrementMin * current) || !TryStep(loss, weights, other, step, centre, penalty, tried, ref current))
            {
                return;
            }
        }
    }

    // Makes the step of one weight 0, and that of the others independent of it.
    private static void Hold(int feature, double[] step, double[] matrix)
    {
        int size = step.Length;
        step[feature] = 0;
        for (int f = 0; f < size; f++)
        {
            matrix[(f * size) + feature] = matrix[(feature * size) + f] = f == feature ? 1 : 0;
        }
    }

    // Returns the factor of both sets of weights that minimises the loss, by Newton's method in one dimension.
    private static double FactorOf(Loss loss, ReadOnlySpan<double> prior, ReadOnlySpan<double> other, CancellationToken cancellationToken)
    {
        double factor = 1;
        double[] first = new double[prior.Length];
        double[] second = new double[prior.Length];
        for (int round = 0; round < StepsMax; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (int f = 0; f < first.Length; f++)
            {
                (first[f], second[f]) = (factor * prior[f], factor * other[f]);
            }

            loss.Evaluate(first, second);

            // If the probabilities are near 0 and 1, the curvature is small and a step would be too long: a step at most halves or doubles the factor.
            double next = loss.CurvatureAlong > 0 ? Math.Clamp(factor * (1 - (loss.SlopeAlong / loss.CurvatureAlong)), factor / 2, factor * 2) : factor;
            if (Math.Abs(next - factor) <= 1e-6 * factor)
            {
                return next;
            }

            factor = next;
        }

        return factor;
    }

    private static bool TryStep(
        Loss loss, Span<double> weights, double[] other, double[] step, double[] centre, double[] penalty, double[] tried, ref double current)
    {
        double length = 1;
        for (int halving = 0; halving < HalvingsMax; halving++, length /= 2)
        {
            for (int f = 0; f < step.Length; f++)
            {
                tried[f] = weights[f] + (length * step[f]);
            }

            loss.Evaluate(tried, other);
            double value = loss.Value + PenaltyOf(tried, centre, penalty);
            if (value < current)
            {
                tried.CopyTo(weights);
                current = value;
                return true;
            }
        }

        return false;
    }

    private static double PenaltyOf(ReadOnlySpan<double> weights, double[] centre, double[] penalty)
    {
        double sum = 0;
        for (int f = 0; f < centre.Length; f++)
        {
            double difference = weights[f] - centre[f];
            sum += 0.5 * penalty[f] * difference * difference;
        }

        return sum;
    }

    /// <summary>The sum of the losses of all choices at given weights, with its gradient and Hessian with respect to the first set of weights.</summary>
    private sealed class Loss(IReadOnlyList<Choice> choices, int featureCount)
    {
        private readonly float[] _mixed = new float[featureCount];
        private readonly double[] _mean = new double[featureCount];
        private readonly double[] _second = new double[featureCount * featureCount];
        private float[] _utilities = [];

        public double Value { get; private set; }

        public double[] Gradient { get; } = new double[featureCount];

        public double[] Hessian { get; } = new double[featureCount * featureCount];

        /// <summary>Gets, for each feature, the sum over the choices of its variance among the alternatives.</summary>
        public double[] Variances { get; } = new double[featureCount];

        /// <summary>Gets the first derivative of the loss with respect to a common factor of all weights, at the factor 1.</summary>
        public double SlopeAlong { get; private set; }

        /// <summary>Gets the second derivative of the loss with respect to a common factor of all weights, at the factor 1.</summary>
        public double CurvatureAlong { get; private set; }

        public void Evaluate(ReadOnlySpan<double> weights, ReadOnlySpan<double> other)
        {
            (Value, SlopeAlong, CurvatureAlong) = (0, 0, 0);
            Array.Clear(Gradient);
            Array.Clear(Hessian);
            Array.Clear(Variances);
            foreach (Choice choice in choices)
            {
                Add(choice, weights, other);
            }
        }

        private void Add(Choice choice, ReadOnlySpan<double> weights, ReadOnlySpan<double> other)
        {
            double own = 1 - choice.Share;
            for (int f = 0; f < featureCount; f++)
            {
                _mixed[f] = (float)((own * weights[f]) + (choice.Share * other[f]));
            }

            ReadOnlySpan<float> rows = choice.Rows.Span;
            int count = rows.Length / featureCount;
            if (_utilities.Length < count)
            {
                _utilities = new float[Math.Max(count, 2 * _utilities.Length)];
            }

            Span<float> utilities = _utilities.AsSpan(0, count);
            Embeddings.DotRows(_mixed, rows, utilities);
            Moments(rows, utilities, choice.Taken);
            for (int f = 0; f < featureCount; f++)
            {
                double slope = _mean[f] - rows[(choice.Taken * featureCount) + f];
                SlopeAlong += _mixed[f] * slope;
                Gradient[f] += own * slope;
                Variances[f] += _second[(f * featureCount) + f] - (_mean[f] * _mean[f]);
                for (int g = 0; g < featureCount; g++)
                {
                    double covariance = _second[(Math.Max(f, g) * featureCount) + Math.Min(f, g)] - (_mean[f] * _mean[g]);
                    Hessian[(f * featureCount) + g] += own * own * covariance;
                    CurvatureAlong += _mixed[f] * _mixed[g] * covariance;
                }
            }
        }

        // Computes the mean and the second moments (lower half) of the features under the probabilities of a choice, and adds the loss of the choice.
        private void Moments(ReadOnlySpan<float> rows, Span<float> utilities, int taken)
        {
            float most = float.NegativeInfinity;
            foreach (float utility in utilities)
            {
                most = Math.Max(most, utility);
            }

            double sum = 0;
            float ofTaken = utilities[taken];
            foreach (ref float utility in utilities)
            {
                utility = MathF.Exp(utility - most);
                sum += utility;
            }

            Value += Math.Log(sum) - (ofTaken - most);
            Array.Clear(_mean);
            Array.Clear(_second);
            for (int i = 0; i < utilities.Length; i++)
            {
                double probability = utilities[i] / sum;
                ReadOnlySpan<float> row = rows.Slice(i * featureCount, featureCount);
                for (int f = 0; f < row.Length; f++)
                {
                    double weighted = probability * row[f];
                    _mean[f] += weighted;
                    for (int g = 0; g <= f; g++)
                    {
                        _second[(f * featureCount) + g] += weighted * row[g];
                    }
                }
            }
        }
    }
}

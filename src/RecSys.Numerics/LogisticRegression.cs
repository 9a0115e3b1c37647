namespace RecSys.Numerics;

/// <summary>Fits the probability of an event, p = 1 / (1 + e^−(w · x)), to observed rows, by maximum likelihood with a small penalty of large weights.</summary>
public static class LogisticRegression
{
    private const int StepsMax = 50;
    private const double Penalty = 1e-3;
    private const double StepMin = 1e-9;

    /// <summary>Minimises −Σ log p(outcome) + ½ · 0.001 · |w|² by Newton's method; the loss is convex. The result may differ in the last bits between platforms, as <see cref="Math.Exp"/> does.</summary>
    /// <param name="rows">The rows, F values each; a constant is a feature of 1.</param>
    /// <param name="outcomes">Whether the event occurred, one value per row.</param>
    /// <param name="weights">Receives the F weights.</param>
    /// <returns>False if the method does not converge; the weights are then undefined.</returns>
    /// <exception cref="ArgumentException">The lengths do not match.</exception>
    public static bool TryFit(ReadOnlySpan<double> rows, ReadOnlySpan<bool> outcomes, Span<double> weights)
    {
        int size = weights.Length;
        if (size == 0 || rows.Length != outcomes.Length * size)
        {
            throw new ArgumentException($"{outcomes.Length} rows of {size} values need {outcomes.Length * size} values, not {rows.Length}", nameof(rows));
        }

        weights.Clear();
        double[] hessian = new double[size * size];
        double[] step = new double[size];
        for (int round = 0; round < StepsMax; round++)
        {
            Array.Clear(hessian);
            for (int f = 0; f < size; f++)
            {
                step[f] = -Penalty * weights[f];
                hessian[(f * size) + f] = Penalty;
            }

            for (int at = 0; at < outcomes.Length; at++)
            {
                ReadOnlySpan<double> row = rows.Slice(at * size, size);
                double probability = 1 / (1 + Math.Exp(-Dot(weights, row)));
                double rest = (outcomes[at] ? 1 : 0) - probability;
                double curvature = probability * (1 - probability);
                for (int f = 0; f < size; f++)
                {
                    step[f] += rest * row[f];
                    for (int g = f; g < size; g++)
                    {
                        hessian[(f * size) + g] += curvature * row[f] * row[g];
                    }
                }
            }

            if (!Cholesky.TryFactor(hessian, size))
            {
                return false;
            }

            Cholesky.Solve(hessian, step);
            double largest = 0;
            for (int f = 0; f < size; f++)
            {
                weights[f] += step[f];
                largest = Math.Max(largest, Math.Abs(step[f]));
            }

            if (largest <= StepMin)
            {
                return true;
            }
        }

        return false;
    }

    private static double Dot(ReadOnlySpan<double> left, ReadOnlySpan<double> right)
    {
        double sum = 0;
        for (int f = 0; f < left.Length; f++)
        {
            sum += left[f] * right[f];
        }

        return sum;
    }
}

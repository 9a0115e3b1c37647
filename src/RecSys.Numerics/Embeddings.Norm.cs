namespace RecSys.Numerics;

public static partial class Embeddings
{
    /// <summary>The Euclidean norm: √(x·x). Squares that leave the range of floats are not rescued.</summary>
    public static float Norm(ReadOnlySpan<float> x) => MathF.Sqrt(Dot(x, x));

    /// <summary>Scales to norm one and returns the norm from before; a vector of norm zero stays as it is.</summary>
    public static float Normalise(Span<float> x)
    {
        float norm = Norm(x);
        if (norm > 0f)
        {
            Scale(1f / norm, x);
        }

        return norm;
    }

    /// <summary>Scales each row to norm one; rows of norm zero stay as they are.</summary>
    /// <exception cref="ArgumentException"><paramref name="rows"/> holds no whole rows.</exception>
    public static void NormaliseRows(Span<float> rows, int dimension)
    {
        int rowCount = RowCount(rows.Length, dimension, nameof(rows));
        for (int row = 0; row < rowCount; row++)
        {
            Normalise(rows.Slice(row * dimension, dimension));
        }
    }
}

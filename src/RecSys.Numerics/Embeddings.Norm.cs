namespace RecSys.Numerics;

public static partial class Embeddings
{
    /// <summary>Returns the Euclidean norm, √(x·x). Overflow and underflow of squares are not prevented.</summary>
    public static float Norm(ReadOnlySpan<float> x) => MathF.Sqrt(Dot(x, x));

    /// <summary>Scales a vector to norm one and returns its previous norm; a vector of norm zero is unchanged.</summary>
    public static float Normalise(Span<float> x)
    {
        float norm = Norm(x);
        if (norm > 0f)
        {
            Scale(1f / norm, x);
        }

        return norm;
    }
}

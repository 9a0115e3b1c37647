using System.Collections.Immutable;
using System.Runtime.InteropServices;

namespace RecSys.Serving.Pipeline;

/// <summary>Returns lists as spans, so that loops over candidates need no interface calls. Lists other than arrays, immutable arrays and <see cref="List{T}"/> are copied.</summary>
internal static class Spans
{
    public static ReadOnlySpan<T> Of<T>(IReadOnlyList<T> list) => list switch
    {
        T[] array => array,
        List<T> inner => CollectionsMarshal.AsSpan(inner),
        ImmutableArray<T> array => array.AsSpan(),
        _ => (T[])[.. list],
    };
}

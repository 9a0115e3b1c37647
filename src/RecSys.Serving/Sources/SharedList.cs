using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>A list that is the same for all users, best item first, with the items' indices in the model. Safe for concurrent use.</summary>
/// <param name="items">The items.</param>
/// <param name="idOf">Returns the id of an item.</param>
/// <param name="asked">The number of items that were asked for; there may be fewer.</param>
/// <param name="madeAt">The timestamp of its creation.</param>
/// <param name="version">The version of the catalogue, for lists that depend on it.</param>
internal sealed class SharedList<T>(T[] items, Func<T, ItemId> idOf, int asked, long madeAt, long version)
{
    // Those in the model that was asked for last; two threads may compute the same ones, of which either is kept.
    private volatile ModelIndices? _indices;

    private sealed record ModelIndices(ModelSnapshot? Model, int[] Values);

    public int Asked { get; } = asked;

    public long MadeAt { get; } = madeAt;

    public long Version { get; } = version;

    /// <summary>Gets all items.</summary>
    public ReadOnlySpan<T> Items => items;

    /// <summary>Returns the first items, at most a number of them.</summary>
    public ReadOnlySpan<T> First(int count) => items.AsSpan(0, Math.Min(count, items.Length));

    /// <summary>Adds the first items to the candidates of a request, at most a number of them.</summary>
    public void AddTo(SlateRun run, int count, int source)
    {
        ReadOnlySpan<int> indices = IndicesIn(run.Model);
        ReadOnlySpan<T> first = First(count);
        for (int i = 0; i < first.Length; i++)
        {
            run.Add(idOf(first[i]), indices[i], source);
        }
    }

    /// <summary>Returns the index of each item in a model; −1 for an item that the model does not have, and without a model.</summary>
    public ReadOnlySpan<int> IndicesIn(ModelSnapshot? model)
    {
        if (_indices is { } known && ReferenceEquals(known.Model, model))
        {
            return known.Values;
        }

        int[] values = new int[items.Length];
        for (int i = 0; i < items.Length; i++)
        {
            values[i] = model is not null && model.TryGetIndex(idOf(items[i]), out int index) ? index : -1;
        }

        _indices = new ModelIndices(model, values);
        return values;
    }
}

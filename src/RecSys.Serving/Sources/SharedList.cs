using RecSys.Core;
using RecSys.Core.Models;
using RecSys.Serving.Pipeline;

namespace RecSys.Serving.Sources;

/// <summary>A list that is the same for all users, best item first, with the items' indices in a model. Safe for concurrent use.</summary>
/// <param name="items">The items, best first.</param>
/// <param name="idOf">Returns the id of an item.</param>
/// <param name="asked">The number of items that were asked for; <paramref name="items"/> may have fewer.</param>
/// <param name="madeAt">The timestamp of the creation, from <see cref="TimeProvider.GetTimestamp"/>.</param>
/// <param name="version">The version of the catalogue for a list that depends on it; otherwise 0.</param>
internal sealed class SharedList<T>(T[] items, Func<T, ItemId> idOf, int asked, long madeAt, long version)
{
    // The indices in the model that was asked for last. If two threads compute them, either result may be kept.
    private volatile ModelIndices? _indices;

    private sealed record ModelIndices(ModelSnapshot? Model, int[] Values);

    public int Asked { get; } = asked;

    public long MadeAt { get; } = madeAt;

    public long Version { get; } = version;

    /// <summary>Gets all items.</summary>
    public ReadOnlySpan<T> Items => items;

    /// <summary>Returns the first items, at most <paramref name="count"/>.</summary>
    public ReadOnlySpan<T> First(int count) => items.AsSpan(0, Math.Min(count, items.Length));

    /// <summary>Adds the first items, at most <paramref name="count"/>, to the candidates of a request.</summary>
    public void AddTo(SlateRun run, int count, int source)
    {
        ReadOnlySpan<int> indices = IndicesIn(run.Model);
        ReadOnlySpan<T> first = First(count);
        for (int i = 0; i < first.Length; i++)
        {
            run.Add(idOf(first[i]), indices[i], source);
        }
    }

    /// <summary>Returns the index of each item in a model; −1 for an item that the model does not have, and for all items if the model is null.</summary>
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

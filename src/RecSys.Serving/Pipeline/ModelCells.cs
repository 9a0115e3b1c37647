using System.Runtime.CompilerServices;
using RecSys.Core.Catalogue;
using RecSys.Core.Models;

namespace RecSys.Serving.Pipeline;

/// <summary>The catalogue's cells of a model's items by their index, so that a candidate needs no look-up by id. Safe for concurrent use.</summary>
internal sealed class ModelCells(ItemCatalogue catalogue, ModelSnapshot model)
{
    // invariant: _cells[i] = null or catalogue.CellOf(model.ItemAt(i)), which is always the same object. Two threads that set an entry write the same value.
    private readonly CatalogueCell?[] _cells = new CatalogueCell?[model.ItemCount];

    /// <summary>Returns the cell of an item of the model. The model must be leased.</summary>
    public CatalogueCell Of(int index) => _cells[index] ?? Find(index);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private CatalogueCell Find(int index) => _cells[index] = catalogue.CellOf(model.ItemAt(index));
}

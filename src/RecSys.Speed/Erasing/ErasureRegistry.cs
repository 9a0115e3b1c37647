using RecSys.Core;
using RecSys.Core.Ports;

namespace RecSys.Speed.Erasing;

/// <summary>The places that were cleared by the newest erasures of this process.</summary>
internal sealed class ErasureRegistry
{
    /// <summary>Number of erasures whose places are kept; of older ones only the completion is known.</summary>
    public const int ErasuresMax = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Owner, List<ErasedPlace>> _places = [];
    private readonly Queue<Owner> _order = new();

    /// <summary>Adds an erasure without places.</summary>
    public void Begin(Owner owner)
    {
        lock (_lock)
        {
            if (_places.TryAdd(owner, []))
            {
                _order.Enqueue(owner);
            }
            else
            {
                _places[owner].Clear();
            }

            if (_order.Count > ErasuresMax)
            {
                _places.Remove(_order.Dequeue());
            }
        }
    }

    /// <summary>Records that a place contains no data of a person any more.</summary>
    public void Add(Owner owner, ErasedPlace place)
    {
        lock (_lock)
        {
            if (_places.TryGetValue(owner, out List<ErasedPlace>? places))
            {
                places.Add(place);
            }
        }
    }

    /// <summary>Returns the places that were cleared of a person; empty if they are no longer kept.</summary>
    public IReadOnlyList<ErasedPlace> PlacesOf(Owner owner)
    {
        lock (_lock)
        {
            return _places.TryGetValue(owner, out List<ErasedPlace>? places) ? [.. places] : [];
        }
    }
}

using RecSys.Core;
using RecSys.Core.Ports;

namespace RecSys.Speed.Erasing;

/// <summary>What was removed where, of the newest erasures of this process.</summary>
internal sealed class ErasureRegistry
{
    /// <summary>How many erasures are remembered place by place; of older ones only that they are done.</summary>
    public const int ErasuresMax = 1_000;

    private readonly Lock _lock = new();
    private readonly Dictionary<Owner, List<ErasedPlace>> _places = [];
    private readonly Queue<Owner> _order = new();

    /// <summary>Begins the page of a person.</summary>
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

    /// <summary>Notes that a place holds nothing of a person any more.</summary>
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

    /// <summary>The places that were cleared of a person; none if they are not remembered.</summary>
    public IReadOnlyList<ErasedPlace> PlacesOf(Owner owner)
    {
        lock (_lock)
        {
            return _places.TryGetValue(owner, out List<ErasedPlace>? places) ? [.. places] : [];
        }
    }
}

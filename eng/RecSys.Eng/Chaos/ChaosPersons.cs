using System.Globalization;
using RecSys.Client;

namespace RecSys.Eng.Chaos;

/// <summary>Persons who are erased during the run.</summary>
internal sealed class ChaosPersons
{
    private const int InteractionsOfAPerson = 5;

    private readonly List<string> _erased = [];
    private int _count;

    /// <summary>Gets the erased persons.</summary>
    public IReadOnlyList<string> Erased => _erased;

    /// <summary>Records a new person's interactions, and returns the person.</summary>
    public async Task<string> AddAsync(RecSysClient client, CancellationToken cancellationToken)
    {
        string person = string.Create(CultureInfo.InvariantCulture, $"person-{_count++}");
        InteractionBody[] rows =
        [
            .. Enumerable.Range(0, InteractionsOfAPerson).Select(number => new InteractionBody { UserId = person, ItemId = ChaosWriters.ItemOf(number), Type = "click", Id = $"{person}-{number}" }),
        ];
        await client.RecordAsync(rows, cancellationToken);
        return person;
    }

    /// <summary>Erases a person, and returns the receipt.</summary>
    public async Task<string> EraseAsync(RecSysClient client, string person, CancellationToken cancellationToken)
    {
        string receipt = (await client.EraseUserAsync(person, cancellationToken)).Receipt;
        _erased.Add(person);
        return receipt;
    }
}

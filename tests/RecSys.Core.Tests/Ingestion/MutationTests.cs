using Xunit;

namespace RecSys.Core.Tests.Ingestion;

/// <summary>Removes each rule of the ingestion protocol, one at a time: the simulation must then find a violation.</summary>
public sealed class MutationTests
{
    private const int SeedsMax = 2_000;
    private const long FaultSteps = 3_000;

    private static readonly Mutant[] Mutants =
    [
        new(
            "a save succeeds only on the revision before it",
            new Edit("SimTable.cs", "if (stored != revision - 1)", "if (stored < 0)")),
        new(
            "answers say what is saved",
            new Edit("UserMachine.cs", "long saved = SavedOf(take.Epoch, take.Partition);", "const long saved = -1;")),
        new(
            "answers tell what is saved from what the actor has",
            new Edit(
                "UserMachine.cs",
                ": new Taken(take.Owner, take.Epoch, take.Partition, take.Ticket, has, saved);",
                ": new Taken(take.Owner, take.Epoch, take.Partition, take.Ticket, has, has);")),
        new(
            "in flight is unsaved too",
            new Edit("IngestEntry.cs", "public bool IsParked;", "public bool IsParked;\n    public bool IsAnswered;"),
            new Edit("IngestMachine.Reading.cs", "entry.First = first;", "entry.First = first;\n        entry.IsAnswered = false;"),
            new Edit(
                "IngestMachine.Answers.cs",
                "            ref IngestEntry entry = ref _entries[index];\n            if (answer.Has",
                """
                            ref IngestEntry entry = ref _entries[index];
                            if (entry.IsUnsaved && !entry.IsParked && !entry.IsAnswered)
                            {
                                entry.IsAnswered = true;
                                _movedFirsts.Enqueue(index, entry.First);
                            }

                            if (answer.Has
                """),
            new Edit(
                "IngestMachine.Checkpoint.cs",
                "return entry.First == first && entry.IsUnsaved && !entry.IsParked;",
                "return entry.First == first && entry.IsUnsaved && !entry.IsParked && entry.IsAnswered;")),
        new(
            "a rewind's first Take says after what is saved",
            new Edit(
                "IngestMachine.Reading.cs",
                "AddToGroup(i, index, ref entry, long.Max(KnownBase(entry), member.SentTo));",
                "AddToGroup(i, index, ref entry, member.SentTo < 0 ? entry.Last : long.Max(KnownBase(entry), member.SentTo));")),
        new(
            "a Take without an answer gives its permits back",
            new Edit("IngestMachine.Lateness.cs", "InFlight -= records;", "")),
        new(
            "a late answer alone never rewinds",
            new Edit(
                "IngestMachine.Lateness.cs",
                "            else\n            {\n                Probe(index);\n            }",
                "            else\n            {\n                Mark(index, ref entry, long.MaxValue);\n            }")),
        new(
            "a late save alone never rewinds",
            new Edit(
                "IngestMachine.Lateness.cs",
                "        if (entry.Flow == IngestFlow.Open)\n        {\n            Probe(index);\n        }",
                "        if (entry.Flow == IngestFlow.Open)\n        {\n            Mark(index, ref entry, long.MaxValue);\n        }")),
        new(
            "the newest record of a parked user is kept current",
            new Edit(
                "IngestMachine.Reading.cs",
                "            entry.Last = record.Offset;\n            _parkedVersion",
                "            entry.Last = entry.IsParked ? entry.Last : record.Offset;\n            _parkedVersion")),
        new(
            "the checkpoint is never the next offset alone",
            new Edit("IngestMachine.Checkpoint.cs", "=> TryPeekFirst(out _, out long first) ? long.Min(Next, first) : Next;", "=> Next;")),
        new(
            "an actor that has less than what is saved stops, and its successor loads",
            new Edit(
                "UserMachine.cs",
                "has, saved);\n            return Stopped();",
                "has, saved);\n            return UserEffects.None;")),
        new(
            "an actor whose save conflicts stops",
            new Edit(
                "UserMachine.cs",
                "IsStopped || _saving is null || revision != SavingRevision ? UserEffects.None : Stopped();",
                "OnSaveFailed(revision);")),
        new(
            "records of a sender without a base are applied after a check of the stored revision",
            new Edit("UserMachine.cs", "&& take.After < 0 && !isOlderThanLoad)", "&& take.After < -1)")),
        new(
            "an ingest actor does not trust an answer that says less than where it began or than what it forgot",
            new Edit("IngestMachine.Reading.cs", "=> entry.Base >= (entry.IsParked ? entry.First - 1 : _forgottenBase) ? entry.Base : -1;", "=> entry.Base;")),
        new(
            "an erased profile keeps its positions",
            new Edit(
                "UserProfile.Apply.cs",
                "                ApplyRecord(record, position, ref history, ref facts);",
                "                ApplyRecord(record, position, ref history, ref facts);\n"
                    + "                reached = record is LogRecord.PersonErased ? new ProfilePosition(0, 0, -1, null) : reached;")),
        new(
            "an erased profile keeps up to where it was erased",
            new Edit("ProfileFacts.cs", "            ErasedUpTo = erasedUpTo,\n            Labels = labels.ToImmutable(),\n            Consent = removesConsent", "            Labels = labels.ToImmutable(),\n            Consent = removesConsent")),
        new(
            "a tombstone is saved like any row and stays",
            new Edit(
                "SimTable.cs",
                "        _rows[key] = row;",
                "        _rows[key] = row;\n        if (row.Profile is { Count: 0, ErasedUpTo: not null })\n        {\n            _rows.Remove(key);\n        }")),
        new(
            "a node-local fold saves its state together with its position",
            new Edit("SimFold.cs", "            _state = _fold.Encode().ToArray();\n            _savedRead = new(_read);", "            _savedRead = new(_read);\n            _state = _world.Chance(0.9) ? _fold.Encode().ToArray() : _state;")),
    ];

    public static TheoryData<string> Rules => [.. Mutants.Select(mutant => mutant.Rule)];

    [Fact]
    public void Every_mutation_still_fits_the_sources() =>
        Assert.Empty(Mutants.SelectMany(mutant => mutant.Misfits()).Select(edit => $"{edit.File}: {edit.Text}"));

    [Fact]
    public void A_checkpoint_past_an_unsaved_record_is_detected() =>
        Assert.NotNull(Mutants.Single(mutant => mutant.Rule.StartsWith("the checkpoint", StringComparison.Ordinal)).Run(1, 20, FaultSteps).Violation);

    [Fact]
    [Trait("Category", "Slow")]
    public void Without_a_mutation_the_compiled_simulation_finds_no_fault() =>
        Assert.Null(new Mutant("all rules").Run(1, 60, FaultSteps).Violation);

    [Theory]
    [MemberData(nameof(Rules))]
    [Trait("Category", "Slow")]
    public void Without_a_rule_the_simulation_finds_a_fault(string rule)
    {
        (string? violation, long steps) = Mutants.Single(mutant => mutant.Rule == rule).Run(1, SeedsMax, FaultSteps);

        TestContext.Current.TestOutputHelper?.WriteLine($"{steps:N0} steps: {violation}");
        Assert.NotNull(violation);
    }
}

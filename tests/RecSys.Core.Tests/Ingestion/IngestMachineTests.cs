using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using Xunit;
using static RecSys.Core.Tests.Ingestion.TestLog;

namespace RecSys.Core.Tests.Ingestion;

public sealed class IngestMachineTests
{
    private static readonly LogRange Everything = new(0, 1_000_000);
    private static readonly IngestOptions Options = new() { ChunkMax = 4, InFlightMax = 8, UnsavedMax = 8, EntriesMax = 12 };

    [Fact]
    public void Records_are_sent_to_their_users_and_the_oldest_unsaved_one_is_the_checkpoint()
    {
        IngestMachine machine = Started(Options);

        Take[] takes = Read(machine, Record(0, "ada"), Record(1, "bob"), Record(3, "ada"));
        machine.OnAnswer(Taken(takes[0], saved: 3));
        machine.OnAnswer(Taken(takes[1], saved: -1));
        machine.Tick(10_000);
        IngestCheckpoint checkpoint = IngestCheckpointCodec.Decode(machine.Effects.Save!.Value.State);

        Assert.Equal([(OwnerOf("ada"), -1L, 3L), (OwnerOf("bob"), -1L, 1L)], takes.Select(take => (take.Owner, take.After, take.Last)));
        Assert.Equal(1, checkpoint.Position);
        Assert.Equal((4L, 0, 1), (machine.Next, machine.InFlight, machine.UnsavedCount));
    }

    [Fact]
    public void A_checkpoint_past_the_end_of_the_log_stops_ingestion_instead_of_waiting_for_records_that_were_lost()
    {
        IngestMachine machine = new(epoch: 0, partition: 0, Options);

        machine.Start(new IngestCheckpoint(0, 0, 41, []), revision: 3, new LogRange(0, 40), nowMs: 0);

        Assert.Equal(new IngestStop(IngestStopReason.AheadOfLog, 41), machine.Effects.Stop);
        Assert.Empty(machine.Effects.Reads);
    }

    [Fact]
    public void Ingestion_starts_from_a_checkpoint_at_the_end_of_the_log()
    {
        IngestMachine machine = new(epoch: 0, partition: 0, Options);

        machine.Start(new IngestCheckpoint(0, 0, 40, []), revision: 3, new LogRange(0, 40), nowMs: 0);

        Assert.Null(machine.Effects.Stop);
        Assert.Equal(40, Assert.Single(machine.Effects.Reads).From);
    }

    [Fact]
    public void A_take_has_the_offset_sent_before_and_the_saved_one()
    {
        IngestMachine machine = Started(Options);
        Take first = Assert.Single(Read(machine, Record(0, "ada")));
        machine.OnAnswer(Taken(first, saved: -1));
        Take second = Assert.Single(Read(machine, Record(5, "ada")));
        machine.OnAnswer(Taken(second, saved: 5));
        Take third = Assert.Single(Read(machine, Record(6, "ada")));

        Assert.Equal((-1L, -1L), (first.Base, first.After));
        Assert.Equal((-1L, 0L), (second.Base, second.After));
        Assert.Equal((5L, 5L), (third.Base, third.After));
    }

    [Fact]
    public void Many_bytes_for_one_user_are_sent_in_consecutive_takes()
    {
        IngestMachine machine = Started(Options with { TakeBytesMax = 1_024 });

        Take[] takes = Read(machine, Record(0, "ada", 600), Record(1, "ada", 600), Record(2, "ada", 5_000), Record(3, "ada"));

        Assert.Equal([(-1L, 0L), (0L, 1L), (1L, 2L), (2L, 3L)], takes.Select(take => (take.After, take.Last)));
        Assert.All(takes, take => Assert.True(IngestionCodec.SizeOf(take) <= 1_024 || take.Records.Length == 1));
    }

    [Fact]
    public void Reading_pauses_at_the_limit_in_flight_and_continues_after_answers()
    {
        IngestMachine machine = Started(Options with { UnsavedMax = 100, EntriesMax = 104 });
        List<Take> takes = [.. Read(machine, Record(0, "a"), Record(1, "b"), Record(2, "c"), Record(3, "d"))];
        takes.AddRange(Read(machine, Record(4, "e"), Record(5, "f"), Record(6, "g"), Record(7, "h")));

        Assert.Equal(8, machine.InFlight);
        Assert.Empty(machine.Effects.Reads);
        foreach (Take take in takes.Take(4))
        {
            machine.OnAnswer(Taken(take, saved: -1));
        }

        Assert.Equal(8, Assert.Single(machine.Effects.Reads).From);
    }

    [Fact]
    public void Reading_pauses_while_too_many_users_are_unsaved()
    {
        IngestMachine machine = Started(Options with { InFlightMax = 100, EntriesMax = 100 });
        List<Take> takes = [.. Read(machine, Record(0, "a"), Record(1, "b"), Record(2, "c"), Record(3, "d"))];
        takes.AddRange(Read(machine, Record(4, "e"), Record(5, "f"), Record(6, "g"), Record(7, "h")));
        takes.ForEach(take => machine.OnAnswer(Taken(take, saved: -1)));

        Assert.Equal(8, machine.UnsavedCount);
        Assert.Empty(machine.Effects.Reads);
        for (int i = 0; i < 4; i++)
        {
            machine.OnSaved(new Saved(takes[i].Owner, 0, 0, takes[i].Last));
        }

        Assert.Single(machine.Effects.Reads);
    }

    [Fact]
    public void At_the_limit_of_entries_the_longest_saved_users_are_forgotten_early()
    {
        IngestMachine machine = Started(Options with { InFlightMax = 100 });
        for (int user = 0; user < 40; user += 4)
        {
            Take[] takes = Read(
                machine, Record(user, $"user {user}"), Record(user + 1, $"user {user + 1}"), Record(user + 2, $"user {user + 2}"), Record(user + 3, $"user {user + 3}"));
            Array.ForEach(takes, take => machine.OnAnswer(Taken(take, saved: take.Last)));
        }

        Assert.Equal((8, 0, 32L), (machine.EntryCount, machine.UnsavedCount, machine.ForgottenEarlyCount));
        Assert.Equal(40, Assert.Single(machine.Effects.Reads).From);
    }

    [Fact]
    public void Saved_users_are_forgotten_after_a_while()
    {
        IngestMachine machine = Started(Options);
        Array.ForEach(Read(machine, Record(0, "a"), Record(1, "b")), take => machine.OnAnswer(Taken(take, saved: take.Last)));

        Advance(machine, toMs: 179_000);
        Assert.Equal(2, machine.EntryCount);
        Advance(machine, toMs: 300_000);
        Assert.Equal((0, 0L), (machine.EntryCount, machine.ForgottenEarlyCount));
    }

    [Fact]
    public void A_saved_offset_below_a_forgotten_one_must_be_checked()
    {
        IngestMachine machine = Started(Options);
        Take first = Read(machine, Record(5, "a")).Single();
        machine.OnAnswer(Taken(first, saved: 5));
        Advance(machine, toMs: 300_000);

        Take probe = Read(machine, Record(6, "a")).Single();
        machine.OnAnswer(Taken(probe, saved: -1));
        machine.OnSaved(new Saved(probe.Owner, 0, 0, 6));
        Advance(machine, toMs: 600_000);
        machine.OnSaved(new Saved(probe.Owner, 0, 0, 3));
        Take next = Read(machine, Record(9, "a")).Single();

        Assert.Equal((-1L, -1L), (probe.Base, probe.After));
        Assert.Equal(-1, next.After);
    }

    [Fact]
    public void A_save_older_than_a_forgotten_one_does_not_count_as_the_newest()
    {
        IngestMachine machine = Started(Options);
        Take[] takes = Read(machine, Record(5, "a"), Record(6, "b"));
        machine.OnAnswer(Taken(takes[0], saved: -1));
        machine.OnAnswer(Taken(takes[1], saved: 6));
        Advance(machine, toMs: 150_000);
        machine.OnSaved(new Saved(takes[0].Owner, 0, 0, 5));
        Assert.Equal(2, machine.EntryCount);
        Advance(machine, toMs: 240_000);
        Assert.Equal(1, machine.EntryCount); // b is forgotten together with its saved offset, so that a's base may be outdated too

        Assert.Equal(-1, Read(machine, Record(9, "a")).Single().After);
    }

    [Fact]
    public void A_gap_is_filled_after_the_saved_offset_and_no_other_user_gets_records_twice()
    {
        IngestMachine machine = Started(Options);
        Take[] takes = Read(machine, Record(0, "ada"), Record(1, "bob"), Record(2, "ada"));
        machine.OnAnswer(Taken(takes[1], saved: -1));
        machine.OnAnswer(Gap(takes[0], has: -1));
        Assert.Empty(Read(machine, Record(3, "ada"))); // held back until the rewind brings it

        machine.Tick(1_000);
        IngestRead rewind = Assert.Single(machine.Effects.Reads, read => read.Reading == IngestReading.Rewind);
        machine.Effects.Clear();
        machine.OnRead(rewind, Chunk(4, Record(0, "ada"), Record(1, "bob"), Record(2, "ada"), Record(3, "ada")));
        Take again = Assert.Single(machine.Effects.Takes);

        Assert.Equal((0L, -1L, 3L), (rewind.From, again.After, again.Last));
        Assert.Equal(1, machine.RewindCount);
        machine.Effects.Clear();
        machine.OnAnswer(Taken(again, saved: -1));
        Assert.Equal(4, Assert.Single(Read(machine, from: 4, Record(4, "ada"))).Last);
    }

    [Fact]
    public void A_gap_is_filled_after_the_offset_that_the_actor_has()
    {
        IngestMachine machine = Started(Options);
        machine.OnAnswer(Taken(Assert.Single(Read(machine, Record(0, "ada"), Record(1, "ada"))), saved: -1));
        Take late = Assert.Single(Read(machine, from: 2, Record(2, "ada"), Record(3, "ada")));
        Take tooEarly = Assert.Single(Read(machine, from: 4, Record(4, "ada")));
        machine.OnAnswer(Gap(tooEarly, has: 1, saved: -1));
        machine.OnAnswer(Taken(late, saved: -1));
        machine.Tick(1_000);
        IngestRead rewind = Assert.Single(machine.Effects.Reads, read => read.Reading == IngestReading.Rewind);
        machine.Effects.Clear();

        machine.OnRead(rewind, Chunk(5, Record(2, "ada"), Record(3, "ada"), Record(4, "ada")));
        Take again = Assert.Single(machine.Effects.Takes);

        Assert.Equal(late.After, again.After);
        Assert.Equal((2L, 1L, 4L), (rewind.From, again.After, again.Last));
    }

    [Fact]
    public void Records_erased_from_the_log_are_not_waited_for()
    {
        IngestMachine machine = Started(Options);
        Take take = Assert.Single(Read(machine, Record(0, "ada")));
        machine.OnAnswer(Gap(take, has: -1));
        machine.Tick(1_000);
        IngestRead rewind = Assert.Single(machine.Effects.Reads, read => read.Reading == IngestReading.Rewind);

        machine.OnRead(rewind, Chunk(1, new LogEntry(0, LogRecordCodec.ErasedRecord.ToArray())));

        Assert.Equal(0, machine.UnsavedCount);
    }

    [Fact]
    public void A_take_without_an_answer_returns_its_permits_and_causes_a_probe_but_no_rewind()
    {
        IngestMachine machine = Started(Options);
        Take take = Assert.Single(Read(machine, Record(0, "ada")));

        Advance(machine, toMs: 10_000);
        Take probe = Assert.Single(machine.Effects.Takes);

        Assert.Equal((0, 1L, 0L), (machine.InFlight, machine.UnansweredCount, machine.RewindCount));
        Assert.True(probe.IsProbe);
        Assert.Equal(take.Last, probe.After);
    }

    [Fact]
    public void A_user_whose_saves_fail_while_others_succeed_is_parked_and_listed_in_the_checkpoint()
    {
        IngestMachine machine = Started(Options);
        Take bad = Assert.Single(Read(machine, Record(0, "bad")));
        machine.OnAnswer(Taken(bad, saved: -1));
        for (long offset = 1; machine.ParkedCount == 0; offset++)
        {
            Assert.True(offset < 30);
            Take good = Assert.Single(Read(machine, from: machine.Next, Record(offset, "good")), take => !take.IsProbe);
            machine.OnAnswer(Taken(good, saved: good.Last));
            Advance(machine, toMs: offset * 30_000, answer: true);
        }

        Read(machine, from: machine.Next, Record(100, "bad"));
        machine.OnCheckpointSaved(machine.Effects.Save?.Revision ?? 0);
        Assert.Equal(1, machine.UnsavedCount);
        IngestCheckpoint checkpoint = LastCheckpoint(machine);

        Assert.Equal(101, checkpoint.Position);
        Assert.Equal(new ParkedUser(OwnerOf("bad"), 0, 100), Assert.Single(checkpoint.Parked));
    }

    [Fact]
    public void Users_who_cannot_be_saved_do_not_hold_the_last_checkpoint_back()
    {
        IngestMachine machine = Started(Options);
        Take[] takes = Read(machine, Record(0, "ada"), Record(1, "bob"), Record(2, "cleo"));
        machine.OnAnswer(Taken(takes[0], saved: -1));
        machine.OnAnswer(Taken(takes[1], saved: 1));
        machine.OnAnswer(Taken(takes[2], saved: -1));

        machine.ParkUnsaved();
        IngestCheckpoint checkpoint = LastCheckpoint(machine);

        Assert.Equal(3, checkpoint.Position);
        Assert.Equal([new ParkedUser(OwnerOf("ada"), 0, 0), new ParkedUser(OwnerOf("cleo"), 2, 2)], checkpoint.Parked);
    }

    [Fact]
    public void The_users_with_the_oldest_unsaved_records_are_parked_first_and_the_others_hold_the_checkpoint_back()
    {
        IngestMachine machine = Started(Options with { ParkedMax = 2 });
        Read(machine, Record(0, "ada"), Record(1, "bob"), Record(2, "cleo"), Record(3, "ada"));

        machine.ParkUnsaved();
        IngestCheckpoint checkpoint = LastCheckpoint(machine);

        Assert.Equal(2, checkpoint.Position);
        Assert.Equal([new ParkedUser(OwnerOf("ada"), 0, 3), new ParkedUser(OwnerOf("bob"), 1, 1)], checkpoint.Parked);
    }

    [Fact]
    public void A_parked_user_whose_first_probe_is_lost_is_probed_again_after_the_time_for_an_answer()
    {
        IngestMachine machine = new(0, 0, Options);
        machine.Start(new IngestCheckpoint(0, 0, 100, [new ParkedUser(OwnerOf("ada"), 7, 90)]), 3, Everything, nowMs: 0);
        machine.Effects.Clear();

        machine.Tick(10_000);

        Assert.True(Assert.Single(machine.Effects.Takes).IsProbe);
    }

    [Fact]
    public void No_user_is_parked_while_the_store_is_unavailable()
    {
        IngestMachine machine = Started(Options);
        foreach (Take take in Read(machine, Record(0, "a"), Record(1, "b"), Record(2, "c")))
        {
            machine.OnAnswer(Taken(take, saved: -1));
        }

        Advance(machine, toMs: 3_600_000, answer: true);

        Assert.Equal((0, 3), (machine.ParkedCount, machine.UnsavedCount));
    }

    [Fact]
    public void After_a_restart_a_parked_user_is_probed_before_records_are_sent()
    {
        IngestMachine machine = new(0, 0, Options);
        machine.Start(new IngestCheckpoint(0, 0, 100, [new ParkedUser(OwnerOf("bad"), 7, 90)]), 3, Everything, nowMs: 0);
        Take probe = Assert.Single(machine.Effects.Takes);
        Assert.Empty(Read(machine, Record(100, "bad")));

        machine.OnAnswer(Gap(probe, has: 5));
        machine.Tick(1_000);
        IngestRead rewind = Assert.Single(machine.Effects.Reads, read => read.Reading == IngestReading.Parked);

        Assert.True(probe.IsProbe);
        Assert.Equal((90L, 7L), (probe.After, rewind.From));
    }

    [Theory]
    [InlineData(5, -1)] // an actor that slept through a save: it has to look
    [InlineData(6, 6)]
    public void After_a_restart_a_parked_user_has_all_records_before_the_first_unsaved_one_or_must_check(long saved, long after)
    {
        IngestMachine machine = new(0, 0, Options);
        machine.Start(new IngestCheckpoint(0, 0, 2, [new ParkedUser(OwnerOf("bad"), 7, 90)]), 3, Everything, nowMs: 0);
        machine.OnAnswer(Gap(Assert.Single(machine.Effects.Takes), has: saved));
        machine.Tick(1_000);
        IngestRead rewind = Assert.Single(machine.Effects.Reads, read => read.Reading == IngestReading.Parked);
        machine.Effects.Clear();

        machine.OnRead(rewind, Chunk(91, Record(90, "bad")));

        Assert.Equal(after, Assert.Single(machine.Effects.Takes).After);
    }

    [Fact]
    public void A_checkpoint_save_of_unknown_outcome_is_retried_with_the_same_bytes()
    {
        IngestMachine machine = Started(Options);
        machine.OnAnswer(Taken(Assert.Single(Read(machine, Record(0, "ada"))), saved: 0));
        machine.Tick(10_000);
        IngestSave first = machine.Effects.Save!.Value;
        machine.Effects.Clear();

        machine.OnCheckpointFailed(first.Revision);
        Read(machine, Record(1, "bob"));
        machine.Tick(20_000);

        Assert.Equal(first, machine.Effects.Save!.Value);
        machine.OnCheckpointSaved(first.Revision);
        Assert.Equal(1, machine.CheckpointPosition);
    }

    [Fact]
    public void Another_machine_that_saved_a_checkpoint_stops_this_one()
    {
        IngestMachine machine = Started(Options);
        machine.OnAnswer(Taken(Assert.Single(Read(machine, Record(0, "ada"))), saved: 0));
        machine.Tick(10_000);

        machine.OnCheckpointConflict(machine.Effects.Save!.Value.Revision);
        Assert.Equal(IngestStopReason.AnotherRuns, machine.Effects.Stop?.Reason);
        machine.Effects.Clear();
        machine.Tick(20_000);
        Assert.True(machine.Effects.IsEmpty);
    }

    [Fact]
    public void Records_that_the_log_no_longer_holds_are_never_skipped()
    {
        IngestMachine machine = new(0, 0, Options);

        machine.Start(new IngestCheckpoint(0, 0, 100, []), 3, new LogRange(101, 500), nowMs: 0);

        Assert.Equal(new IngestStop(IngestStopReason.BehindRetention, 100), machine.Effects.Stop);
        Assert.Empty(machine.Effects.Reads);
    }

    [Fact]
    public void Ingestion_stops_if_the_log_deletes_records_of_a_parked_user()
    {
        IngestMachine machine = new(0, 0, Options);
        machine.Start(new IngestCheckpoint(0, 0, 100, [new ParkedUser(OwnerOf("bad"), 7, 90)]), 3, new LogRange(1, 200), nowMs: 0);
        Assert.True(machine.IsNearRetention);

        machine.OnRange(new LogRange(50, 200));

        Assert.Equal(new IngestStop(IngestStopReason.BehindRetention, 7), machine.Effects.Stop);
    }

    [Fact]
    public void A_read_gets_whether_a_record_was_sent_and_the_offset_its_user_must_have()
    {
        IngestMachine machine = Started(Options);
        Assert.False(machine.TryGetSent(OwnerOf("ada"), 1, out _, out _));
        Take take = Assert.Single(Read(machine, Record(0, "ada"), Record(1, "ada")));

        Assert.True(machine.TryGetSent(OwnerOf("ada"), 1, out long sent, out bool isKnown));
        Assert.True(isKnown);
        machine.TryGetSent(OwnerOf("somebody"), 1, out _, out bool isKnownOfSomebody);
        Assert.False(isKnownOfSomebody);
        Assert.Equal(1, sent);
        machine.OnAnswer(Taken(take, saved: 1));
        machine.ProbeAgain(OwnerOf("ada"));
        Assert.True(Assert.Single(machine.Effects.Takes).IsProbe);
        machine.ProbeAgain(OwnerOf("ada"));
        Assert.Single(machine.Effects.Takes); // the probe is awaited already
    }

    [Fact]
    public void The_oldest_record_that_is_not_applied_is_known_through_gaps_and_lost_answers()
    {
        IngestMachine machine = Started(Options);
        Assert.Null(machine.OldestUnappliedMs);
        machine.Tick(1_000);
        Take ada = Assert.Single(Read(machine, Record(0, "ada")));
        machine.Tick(2_000);
        Take bob = Assert.Single(Read(machine, Record(1, "bob")));

        Assert.Equal(1_000, machine.OldestUnappliedMs);
        machine.OnAnswer(Gap(ada, has: -1));
        Assert.Equal(1_000, machine.OldestUnappliedMs);
        machine.OnAnswer(Taken(ada, saved: -1));
        Assert.Equal(2_000, machine.OldestUnappliedMs);
        machine.Effects.Takes.Clear();
        machine.Tick(2_000 + (long)Options.AnswerTime.TotalMilliseconds + 1); // bob's actor did not answer, and is probed
        Assert.Equal(2_000, machine.OldestUnappliedMs);
        machine.OnAnswer(Taken(Assert.Single(machine.Effects.Takes, take => take.Owner == bob.Owner), saved: -1));
        Assert.Null(machine.OldestUnappliedMs);
    }

    [Fact]
    public void A_reader_is_served_by_a_probe_although_the_answer_to_a_take_is_awaited()
    {
        IngestMachine machine = Started(Options);
        Read(machine, Record(0, "ada")); // the Take is lost

        machine.ProbeAgain(OwnerOf("ada"));
        Assert.True(Assert.Single(machine.Effects.Takes).IsProbe);
        machine.ProbeAgain(OwnerOf("ada"));
        Assert.Single(machine.Effects.Takes);

        machine.Effects.Clear(); // the probe is lost too
        machine.Tick((long)Options.ProbeAgainEvery.TotalMilliseconds + 1);
        machine.Effects.Clear();
        machine.ProbeAgain(OwnerOf("ada"));
        Assert.True(Assert.Single(machine.Effects.Takes).IsProbe);
    }

    [Fact]
    public void A_failed_read_is_retried_at_the_next_tick()
    {
        IngestMachine machine = Started(Options);
        IngestRead read = Assert.Single(machine.Effects.Reads);
        machine.Effects.Clear();

        machine.OnReadFailed(read);
        machine.OnSaved(new Saved(OwnerOf("ada"), 0, 0, 1));
        Assert.Empty(machine.Effects.Reads);
        machine.Tick(100);

        Assert.Equal(read, Assert.Single(machine.Effects.Reads));
    }

    [Fact]
    public void Options_out_of_their_ranges_are_refused_by_name()
    {
        Assert.Null(new IngestOptions().Problem());
        Assert.Contains("InFlightMax", new IngestOptions { InFlightMax = 3_999 }.Problem(), StringComparison.Ordinal);
        Assert.Contains("SavedKept", new IngestOptions { SavedKept = TimeSpan.FromSeconds(10) }.Problem(), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new IngestMachine(0, 0, new IngestOptions { TakeBytesMax = 65_537 }));
    }

    [Fact]
    public void Entries_are_found_by_owner_after_any_additions_and_removals()
    {
        Random random = new(5);
        IngestEntries entries = new();
        Dictionary<Owner, int> expected = [];
        Owner[] owners = [.. Enumerable.Range(0, 500).Select(user => OwnerOf($"user-{user}"))];

        for (int i = 0; i < 20_000; i++)
        {
            Owner owner = owners[random.Next(owners.Length)];
            Assert.Equal(expected.TryGetValue(owner, out int known) ? known : -1, entries.Find(owner));
            if (random.Next(2) == 0)
            {
                int index = entries.GetOrAdd(owner);
                Assert.Equal(owner, entries[index].Owner);
                expected[owner] = index;
            }
            else if (expected.Remove(owner, out int gone))
            {
                entries.Remove(gone);
            }

            Assert.Equal(expected.Count, entries.Count);
        }
    }

    private static IngestMachine Started(IngestOptions options)
    {
        IngestMachine machine = new(0, 0, options);
        machine.Start(null, 0, Everything, nowMs: 0);
        return machine;
    }

    /// <summary>Answers the read of new records; returns the messages sent for them.</summary>
    private static Take[] Read(IngestMachine machine, params LogEntry[] records) => Read(machine, machine.Next, records);

    private static Take[] Read(IngestMachine machine, long from, params LogEntry[] records)
    {
        machine.Effects.Clear();
        machine.OnRead(new IngestRead(IngestReading.New, from, Options.ChunkMax), Chunk(records[^1].Offset + 1, records));
        Take[] takes = [.. machine.Effects.Takes];
        machine.Effects.Takes.Clear();
        return takes;
    }

    private static void Advance(IngestMachine machine, long toMs, bool answer = false)
    {
        for (long nowMs = long.Max(0, toMs - 400_000); nowMs <= toMs; nowMs += 500)
        {
            machine.Effects.Takes.Clear();
            machine.Tick(nowMs);
            if (answer)
            {
                foreach (Take take in machine.Effects.Takes.ToArray())
                {
                    machine.OnAnswer(Taken(take, saved: -1));
                }
            }

            if (answer && machine.Effects.Save is { } save)
            {
                machine.OnCheckpointSaved(save.Revision);
                machine.Effects.Clear();
            }
        }
    }

    private static IngestCheckpoint LastCheckpoint(IngestMachine machine)
    {
        for (long nowMs = 10_000_000; ; nowMs += 10_000)
        {
            machine.Effects.Clear();
            machine.Tick(nowMs);
            if (machine.Effects.Save is { } save)
            {
                return IngestCheckpointCodec.Decode(save.State);
            }
        }
    }

    private static Taken Taken(Take take, long saved) => new(take.Owner, 0, 0, take.Ticket, take.Last, saved);

    private static Gap Gap(Take take, long has, long? saved = null) => new(take.Owner, 0, 0, take.Ticket, has, saved ?? has);
}

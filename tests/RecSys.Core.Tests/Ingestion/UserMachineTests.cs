using RecSys.Core.Ingestion;
using RecSys.Core.Log;
using RecSys.Core.Users;
using Xunit;
using static RecSys.Core.Tests.Ingestion.TestLog;

namespace RecSys.Core.Tests.Ingestion;

public sealed class UserMachineTests
{
    [Fact]
    public void A_take_is_applied_once_and_reported_to_the_pacer_once()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);

        UserEffects first = machine.On(Take("ada", -1, -1, Record(3, "ada"), Record(5, "ada")), isOlderThanLoad: true, out TakeAnswer? taken);
        UserEffects again = machine.On(Take("ada", -1, -1, Record(3, "ada"), Record(5, "ada"), Record(8, "ada")), isOlderThanLoad: true, out _);

        Assert.Equal(UserEffects.TellUnsaved, first);
        Assert.Equal((5L, -1L), (Assert.IsType<Taken>(taken).Has, taken.SavedUpTo));
        Assert.Equal(UserEffects.None, again);
        Assert.Equal(3, machine.Profile.Count);
    }

    [Fact]
    public void A_record_that_only_a_newer_program_can_read_and_later_ones_are_not_applied()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);
        LogEntry newer = new(5, new byte[] { 1, 100, 0 });

        UserEffects effects = machine.On(Take("ada", -1, -1, Record(3, "ada"), newer, Record(8, "ada")), isOlderThanLoad: true, out TakeAnswer? answer);

        Assert.Equal(UserEffects.TellUnsaved, effects);
        Assert.Equal(3, Assert.IsType<Gap>(answer).Has);
        Assert.Equal(1, machine.Profile.Count);
    }

    [Fact]
    public void A_rebuilt_profile_is_unsaved_until_it_replaces_the_damaged_one()
    {
        UserProfile profile = UserProfile.Empty.Apply(0, 0, [Record(3, "ada"), Record(5, "ada")]);

        UserMachine machine = UserMachine.Healed(profile, revision: 7, out UserEffects effects);
        machine.On(Take("ada", 5, 5, Record(9, "ada")), isOlderThanLoad: true, out TakeAnswer? answer);

        Assert.Equal(UserEffects.TellUnsaved, effects);
        Assert.Equal((9L, -1L), (Assert.IsType<Taken>(answer).Has, answer.SavedUpTo));
        Assert.Equal(UserEffects.Save, machine.SaveNow());
        Assert.Equal(8, machine.SavingRevision);
        Assert.Equal(UserEffects.TellSaved, machine.OnSaved(8));
        Assert.Equal(9, machine.SavedOf(0, 0));
    }

    [Fact]
    public void Records_after_missing_ones_are_not_applied()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);

        UserEffects effects = machine.On(Take("ada", -1, after: 3, Record(5, "ada")), isOlderThanLoad: true, out TakeAnswer? answer);

        Assert.Equal(UserEffects.None, effects);
        Assert.Equal(-1, Assert.IsType<Gap>(answer).Has);
        Assert.Equal(0, machine.Profile.Count);
    }

    [Fact]
    public void Records_of_a_sender_without_a_base_wait_for_a_check_of_the_stored_revision()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 4);
        Take take = Take("ada", -1, -1, Record(9, "ada"));

        Assert.Equal(UserEffects.Check, machine.On(take, isOlderThanLoad: false, out TakeAnswer? none));
        Assert.Equal(UserEffects.None, machine.OnChecked(revision: 4));
        Assert.Equal(UserEffects.TellUnsaved, machine.On(take, isOlderThanLoad: true, out TakeAnswer? answer));

        Assert.Null(none);
        Assert.IsType<Taken>(answer);
    }

    [Fact]
    public void An_actor_whose_stored_revision_is_newer_stops()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 4);
        machine.On(Take("ada", -1, -1, Record(9, "ada")), isOlderThanLoad: false, out _);

        Assert.Equal(UserEffects.Stop, machine.OnChecked(revision: 5));
        Assert.Equal(0, machine.Profile.Count);
    }

    [Fact]
    public void An_actor_that_has_less_than_is_saved_stops_without_saving()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);
        machine.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);

        UserEffects effects = machine.On(Take("ada", @base: 4, after: 4, Record(5, "ada")), isOlderThanLoad: true, out TakeAnswer? answer);
        UserEffects later = machine.On(Take("ada", -1, -1, Record(9, "ada")), isOlderThanLoad: true, out TakeAnswer? none);

        Assert.Equal(UserEffects.Stop, effects);
        Assert.IsType<Gap>(answer);
        Assert.Equal(UserEffects.None, later);
        Assert.Null(none);
    }

    [Fact]
    public void Records_that_arrive_during_a_save_are_saved_by_the_next()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);
        machine.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);

        Assert.Equal(UserEffects.Save, machine.SaveNow());
        UserEffects meanwhile = machine.On(Take("ada", -1, 3, Record(5, "ada")), isOlderThanLoad: true, out _);
        UserEffects saved = machine.OnSaved(1);

        Assert.Equal(UserEffects.None, meanwhile);
        Assert.Equal(UserEffects.TellSaved | UserEffects.TellUnsaved, saved);
        Assert.Equal(3, machine.SavedOf(0, 0));
        Assert.Equal(UserEffects.Save, machine.SaveNow());
        Assert.Equal(2, machine.SavingRevision);
        Assert.Equal(UserEffects.TellSaved, machine.OnSaved(2));
        Assert.False(machine.IsUnsaved);
    }

    [Fact]
    public void A_save_of_unknown_outcome_is_retried_with_the_same_bytes()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);
        machine.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);
        machine.SaveNow();
        UserProfile tried = machine.Saving!;

        UserEffects failed = machine.OnSaveFailed(1);
        machine.On(Take("ada", -1, 3, Record(5, "ada")), isOlderThanLoad: true, out _);
        machine.SaveNow();

        Assert.Equal(UserEffects.TellUnsaved, failed);
        Assert.Same(tried, machine.Saving);
        Assert.Equal(1, machine.SavingRevision);
    }

    [Fact]
    public void A_late_success_of_a_failed_save_counts()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);
        machine.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);
        machine.SaveNow();
        machine.OnSaveFailed(1);

        Assert.Equal(UserEffects.TellSaved, machine.OnSaved(1));
        Assert.Equal(UserEffects.None, machine.OnConflict(1));
        Assert.Equal(1, machine.Revision);
        Assert.False(machine.IsUnsaved);
    }

    [Fact]
    public void A_conflict_stops_the_actor()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);
        machine.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);
        machine.SaveNow();

        Assert.Equal(UserEffects.Stop, machine.OnConflict(1));
        Assert.True(machine.IsStopped);
    }

    [Fact]
    public void Stopping_saves_first_and_stops_whether_the_save_succeeds_or_not()
    {
        UserMachine clean = new(UserProfile.Empty, revision: 0);
        Assert.Equal(UserEffects.Stop, clean.Stop());

        UserMachine unsaved = new(UserProfile.Empty, revision: 0);
        unsaved.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);
        Assert.Equal(UserEffects.Save, unsaved.Stop());
        Assert.Equal(UserEffects.TellSaved | UserEffects.Stop, unsaved.OnSaved(1));

        UserMachine failing = new(UserProfile.Empty, revision: 0);
        failing.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);
        failing.Stop();
        Assert.Equal(UserEffects.Stop, failing.OnSaveFailed(1));
    }

    [Fact]
    public void A_stop_during_a_save_saves_records_that_arrived_since_too()
    {
        UserMachine machine = new(UserProfile.Empty, revision: 0);
        machine.On(Take("ada", -1, -1, Record(3, "ada")), isOlderThanLoad: true, out _);
        machine.SaveNow();
        machine.On(Take("ada", -1, 3, Record(5, "ada")), isOlderThanLoad: true, out _);

        Assert.Equal(UserEffects.None, machine.Stop());
        Assert.Equal(UserEffects.TellSaved | UserEffects.Save, machine.OnSaved(1));
        Assert.Equal(UserEffects.TellSaved | UserEffects.Stop, machine.OnSaved(2));
    }

    [Fact]
    public void A_loaded_profile_counts_as_saved_in_every_partition()
    {
        UserProfile profile = UserProfile.Empty.Apply(2, 0, [Record(3, "ada")]).Apply(2, 5, [Record(7, "ada")]);
        UserMachine machine = new(profile, revision: 4);
        List<Saved> hints = [];

        machine.CollectSaved(OwnerOf("ada"), hints);

        Assert.Equal((3L, 7L, -1L), (machine.SavedOf(2, 0), machine.SavedOf(2, 5), machine.SavedOf(2, 1)));
        Assert.Equal([new Saved(OwnerOf("ada"), 2, 0, 3), new Saved(OwnerOf("ada"), 2, 5, 7)], hints);
        Assert.Equal(5, machine.SavingRevision);
    }
}

using System.Collections.Immutable;
using RecSys.Core.Ingestion;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using RecSys.Core.Users;
using Xunit;

namespace RecSys.Core.Tests.Log;

/// <summary>Saved states with fields that a later program added at their end: they are read without them, and a save drops them.</summary>
public sealed class AddedFieldsTests
{
    /// <summary>Field 200 of three bytes, and field 1 without bytes.</summary>
    private static readonly byte[] Added = [200, 1, 3, 7, 8, 9, 1, 0];

    [Fact]
    public void A_profile_is_read_without_added_fields_and_saved_without_them()
    {
        UserProfile profile = UserProfile.Empty
            .Apply(0, 0, [Records.Entry(3, new LogRecord.Interaction(new("ann"), new("tea"), "click", 1_000))])
            .Apply(new RecordPosition(0, 0, 4), new LogRecord.UserChanged(new("ann"), LogRecordCodec.NoLabels, true, IsPatch: false, 2_000));
        byte[] known = UserProfileCodec.Encode(profile);

        UserProfile read = UserProfileCodec.Decode(With(known, Added));

        Assert.Equal(known, UserProfileCodec.Encode(read));
        Assert.Equal(known, UserProfileCodec.Encode(UserProfileCodec.Decode(With(UserProfileCodec.Encode(read), []))));
    }

    [Fact]
    public void A_checkpoint_is_read_without_added_fields()
    {
        byte[] known = IngestCheckpointCodec.Encode(new IngestCheckpoint(1, 2, 300, [new ParkedUser(Records.Hash.Of(new("ann")), 5, 9)]));

        Assert.Equal(known, IngestCheckpointCodec.Encode(IngestCheckpointCodec.Decode(With(known, Added))));
    }

    [Fact]
    public void A_job_is_read_without_added_fields()
    {
        byte[] known = StoredJobCodec.Encode(new StoredJob(
            new JobRequest(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty), new JobStatus("train-1", JobKind.Train, JobState.Queued)));

        Assert.Equal(known, StoredJobCodec.Encode(StoredJobCodec.Decode(With(known, Added))));
    }

    [Fact]
    public void A_list_of_removed_records_is_read_as_it_was_saved_and_without_added_fields()
    {
        RemovedRecords removed = RemovedRecords.None.With("trends", 3, 10, 20).With("catalogue", 3, 10, 20).With("trends", 3, 30, 35);
        byte[] known = removed.Encode();

        Assert.Equal("010209636174616C6F677565030B150B067472656E6473030B2410", Convert.ToHexString(known.AsSpan(..^8)));
        Assert.Equal([new("catalogue", 3, 10, 20, 10), new RemovedRecords.Place("trends", 3, 10, 35, 15)], RemovedRecords.Decode(known).Places);
        Assert.Equal(known, RemovedRecords.Decode(With(known, Added)).Encode());
        Assert.Equal(["catalogue"], removed.Without("trends").Places.Select(place => place.Fold));
    }

    [Theory]
    [InlineData(new byte[] { 0, 0 })]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 1, 3, 7 })]
    public void Other_bytes_after_a_state_are_damage(byte[] after)
    {
        UserProfile profile = UserProfile.Empty
            .Apply(new RecordPosition(0, 0, 4), new LogRecord.UserChanged(new("ann"), LogRecordCodec.NoLabels, true, IsPatch: false, 2_000));

        Assert.Throws<CorruptRecordException>(() => UserProfileCodec.Decode(With(UserProfileCodec.Encode(profile), after)));
        Assert.Throws<CorruptRecordException>(() => IngestCheckpointCodec.Decode(With(IngestCheckpointCodec.Encode(new IngestCheckpoint(1, 2, 300, [])), after)));
    }

    /// <summary>Returns sealed bytes with others at the end of their content.</summary>
    private static byte[] With(byte[] known, byte[] added)
    {
        byte[] content = [.. known[..^sizeof(ulong)], .. added];
        return [.. content, .. BitConverter.GetBytes(LogChecksum.Of(content))];
    }
}

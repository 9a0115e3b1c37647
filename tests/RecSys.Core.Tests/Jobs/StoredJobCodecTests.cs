using System.Collections.Immutable;
using RecSys.Core.Jobs;
using RecSys.Core.Log;
using Xunit;

namespace RecSys.Core.Tests.Jobs;

public sealed class StoredJobCodecTests
{
    // The bytes of Full.
    private const string GoldenOfVersion1 =
        "01186578706f72742d32303236303130312d3030303030302d310302030222616b6b612e7463703a2f2f726563737973403132372e302e302e313a343035332337b090d5edee66000000000000f03f010777726974696e67010d77726f74652033206974656d730180a0d5edee6601d0afd5edee660120616b6b612e7463703a2f2f726563737973403132372e302e302e313a3430353301027631010461622d31d80480da8cf1ee66010477686174056974656d7302076e646367403130000000000000d03f046e6f6e65000000000000f8ff4fb0dac8d0b2ca7f";

    private static readonly StoredJob Full = new(
        new JobRequest(JobKind.Export, ImmutableSortedDictionary<string, string>.Empty.Add("what", "items")),
        new JobStatus("export-20260101-000000-1", JobKind.Export, JobState.Succeeded)
        {
            Progress = 1,
            Stage = "writing",
            Message = "wrote 3 items",
            StartedAtMs = 1_767_225_600_000,
            FinishedAtMs = 1_767_225_601_000,
            Node = "akka.tcp://recsys@127.0.0.1:4053",
            ModelVersion = "v1",
            Result = new JobResult("ab-1", 300, 1_767_229_200_000),
            Metrics = ImmutableSortedDictionary<string, double>.Empty.Add("ndcg@10", 0.25).Add("none", double.NaN),
        })
    {
        CreatedAtMs = 1_767_225_599_000,
        IsAsked = true,
        IsCancelRequested = true,
        Starts = 2,
        Runner = "akka.tcp://recsys@127.0.0.1:4053#7",
    };

    private static readonly StoredJob Bare = new(
        new JobRequest(JobKind.Train, ImmutableSortedDictionary<string, string>.Empty), new JobStatus("train-1", JobKind.Train, JobState.Queued));

    [Fact]
    public void A_job_is_read_as_it_was_written()
    {
        foreach (StoredJob job in (StoredJob[])[Full, Bare])
        {
            StoredJob read = StoredJobCodec.Decode(StoredJobCodec.Encode(job));

            Assert.Equal(job.Request.Parameters, read.Request.Parameters);
            Assert.Equal(job.Status.Metrics, read.Status.Metrics);
            Assert.Equal(
                job with { Request = read.Request, Status = job.Status with { Metrics = read.Status.Metrics } },
                read with { Status = read.Status with { Metrics = read.Status.Metrics } });
        }
    }

    [Fact]
    public void A_job_is_laid_out_as_it_was_in_version_1() => Assert.Equal(GoldenOfVersion1, Convert.ToHexStringLower(StoredJobCodec.Encode(Full)));

    [Fact]
    public void A_changed_byte_is_detected()
    {
        byte[] bytes = StoredJobCodec.Encode(Full);
        for (int at = 0; at < bytes.Length; at++)
        {
            byte[] damaged = [.. bytes];
            damaged[at] ^= 0x10;
            Assert.Throws<CorruptRecordException>(() => StoredJobCodec.Decode(damaged));
        }

        Assert.Throws<CorruptRecordException>(() => StoredJobCodec.Decode([]));
        Assert.Throws<CorruptRecordException>(() => StoredJobCodec.Decode(Checksummed.Seal([])));
        Assert.Throws<NotSupportedException>(() => StoredJobCodec.Decode(Checksummed.Seal([2, 0])));
    }

    [Fact]
    public void A_message_that_is_long_or_not_valid_Unicode_is_kept_as_far_as_possible()
    {
        StoredJob job = Bare with { Status = Bare.Status with { Message = $"\ud800{new string('ü', 10_000)}" } };

        string? message = StoredJobCodec.Decode(StoredJobCodec.Encode(job)).Status.Message;

        Assert.StartsWith("\ufffdü", message, StringComparison.Ordinal);
        Assert.InRange(message!.Length, 4_000, 4_096);
    }

    [Fact]
    public void Metrics_that_do_not_fit_into_a_row_are_left_out_and_the_message_says_so()
    {
        StoredJob job = Full with
        {
            Status = Full.Status with { Metrics = Enumerable.Range(0, 4_000).ToImmutableSortedDictionary(number => $"slates.acts-{number}.ndcg@10", number => (double)number) },
        };

        StoredJob read = StoredJobCodec.Decode(StoredJobCodec.Encode(job));

        Assert.Empty(read.Status.Metrics);
        Assert.Contains("4000 metrics", read.Status.Message, StringComparison.Ordinal);
    }
}

using Confluent.Kafka;
using Confluent.Kafka.Admin;
using RecSys.Core.Log;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>Asks the brokers for the offsets of all partitions.</summary>
internal sealed class LogOffsets(IAdminClient admin, KafkaClients clients, KafkaLogOptions options, KafkaAddress address, int partitions, TimeProvider time)
{
    private static readonly TimeSpan LeaderRetryAfter = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns the offsets that each partition contains.</summary>
    /// <exception cref="StoreUnavailableException">The brokers do not answer, or a partition has no leader.</exception>
    public async Task<LogRange[]> RangesAsync()
    {
        Task<long[]> starts = AskAsync(OffsetSpec.Earliest());
        Task<long[]> ends = AskAsync(OffsetSpec.Latest());
        try
        {
            await Task.WhenAll(starts, ends).WaitAsync(options.RequestTimeout * 2, time).ConfigureAwait(false);
        }
        catch (TimeoutException error)
        {
            throw new StoreUnavailableException($"the brokers at {address.Servers} do not name the offsets of topic {options.Topic} in time", error);
        }

        return [.. (await starts.ConfigureAwait(false)).Zip(await ends.ConfigureAwait(false), (start, end) => new LogRange(start, end))];
    }

    private static bool IsOfLeaders(ErrorCode code) => code is ErrorCode.NotLeaderForPartition or ErrorCode.LeaderNotAvailable
        or ErrorCode.UnknownLeaderEpoch or ErrorCode.FencedLeaderEpoch or ErrorCode.OffsetNotAvailable or ErrorCode.UnknownTopicOrPart;

    /// <summary>Asks; while a partition has no leader, as after its creation or a failure, it asks again.</summary>
    private async Task<long[]> AskAsync(OffsetSpec which)
    {
        long began = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await AskOnceAsync(which).ConfigureAwait(false);
            }
            catch (ListOffsetsException error)
            {
                Error cause = error.Result.ResultInfos.Select(partition => partition.TopicPartitionOffsetError.Error).FirstOrDefault(found => found.IsError) ?? error.Error;
                if (!IsOfLeaders(cause.Code) || time.GetElapsedTime(began) > options.RequestTimeout)
                {
                    throw Unavailable(cause, error);
                }
            }
            catch (KafkaException error)
            {
                throw Unavailable(error.Error, error);
            }
            catch (ObjectDisposedException error)
            {
                throw new StoreUnavailableException("the log is closed", error);
            }

            await Task.Delay(LeaderRetryAfter, time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task<long[]> AskOnceAsync(OffsetSpec which)
    {
        ListOffsetsResult result = await admin.ListOffsetsAsync(
            Enumerable.Range(0, partitions).Select(partition => new TopicPartitionOffsetSpec { TopicPartition = new TopicPartition(options.Topic, partition), OffsetSpec = which }),
            new ListOffsetsOptions { RequestTimeout = options.RequestTimeout, IsolationLevel = IsolationLevel.ReadUncommitted }).ConfigureAwait(false);
        long[] offsets = new long[partitions];
        foreach (ListOffsetsResultInfo partition in result.ResultInfos)
        {
            long offset = partition.TopicPartitionOffsetError.Offset.Value;
            offsets[partition.TopicPartitionOffsetError.Partition.Value] = offset >= 0
                ? offset
                : throw new KafkaException(new Error(ErrorCode.Local_TimedOut, "a partition's offset was not answered in time")); // the library reports no error then
        }

        return offsets;
    }

    private StoreUnavailableException Unavailable(Error error, Exception cause) =>
        new($"the brokers at {address.Servers} do not name the offsets of topic {options.Topic}: {clients.WithoutSecrets(error.Reason)}", cause);
}

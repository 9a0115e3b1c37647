using Confluent.Kafka;
using Confluent.Kafka.Admin;
using RecSys.Core.Ports;

namespace RecSys.Kafka;

/// <summary>Asks the brokers about the topic of the log, and creates it.</summary>
internal sealed class TopicSetup(KafkaAdmin admin, KafkaClients clients, KafkaLogOptions options, string servers, TimeProvider time)
{
    /// <summary>Number of repeated queries, one each <see cref="TryAfter"/>, for a topic that was just created and that a broker may not know yet.</summary>
    private const int CreatedTriesMax = 50;

    private static readonly TimeSpan TryAfter = TimeSpan.FromMilliseconds(100);

    /// <summary>Returns the topic; null if there is none.</summary>
    /// <exception cref="StoreUnavailableException">The brokers cannot be asked now.</exception>
    public async Task<FoundTopic?> FindAsync(bool withSettings)
    {
        try
        {
            DescribeTopicsResult described = await admin.CallAsync(client => client.DescribeTopicsAsync(
                TopicCollection.OfTopicNames([options.Topic]), new DescribeTopicsOptions { RequestTimeout = options.RequestTimeout })).ConfigureAwait(false);
            clients.OnAnswer();
            TopicDescription topic = described.TopicDescriptions[0];
            return new FoundTopic(
                topic.TopicId.ToString(),
                topic.Partitions.Count,
                topic.Partitions.Count == 0 ? 0 : topic.Partitions.Min(partition => partition.Replicas.Count),
                withSettings ? await SettingsAsync().ConfigureAwait(false) : null);
        }
        catch (DescribeTopicsException error) when (error.Results.TopicDescriptions is [{ Error.Code: ErrorCode.UnknownTopicOrPart }])
        {
            return null;
        }
        catch (DescribeTopicsException error)
        {
            throw Unavailable(error.Results.TopicDescriptions.FirstOrDefault()?.Error ?? error.Error, error);
        }
        catch (KafkaException error)
        {
            throw Unavailable(error.Error, error);
        }
    }

    /// <summary>Creates the topic, if another node has not created it meanwhile, and returns it.</summary>
    /// <returns>The topic, and whether this call created it.</returns>
    /// <exception cref="StoreUnavailableException">The topic cannot be created now.</exception>
    public async Task<(FoundTopic Topic, bool IsNew)> CreateAsync()
    {
        bool isNew = true;
        try
        {
            await admin.CallAsync(client => client.CreateTopicsAsync(
                [
                    new TopicSpecification
                    {
                        Name = options.Topic,
                        NumPartitions = options.Partitions,
                        ReplicationFactor = (short)options.ReplicationFactor,
                        Configs = TopicRules.ForNew,
                    },
                ],
                new CreateTopicsOptions { RequestTimeout = options.RequestTimeout, OperationTimeout = options.RequestTimeout })).ConfigureAwait(false);
        }
        catch (CreateTopicsException error) when (error.Results is [{ Error.Code: ErrorCode.TopicAlreadyExists }])
        {
            // Another node created it, or a broker that is starting did not know it yet.
            isNew = false;
        }
        catch (CreateTopicsException error)
        {
            throw new StoreUnavailableException(
                $"topic {options.Topic} does not exist at {servers} and cannot be created: {clients.WithoutSecrets(error.Results.FirstOrDefault()?.Error.Reason ?? error.Message)}", error);
        }
        catch (KafkaException error)
        {
            throw Unavailable(error.Error, error);
        }

        for (int tries = 0; ; tries++)
        {
            if (await FindAsync(withSettings: true).ConfigureAwait(false) is { } found)
            {
                int minInSync = TopicRules.MinInSyncOf(found.Replicas);
                return (minInSync > 1 ? await WithMinInSyncAsync(found, minInSync).ConfigureAwait(false) : found, isNew);
            }

            if (tries == CreatedTriesMax)
            {
                throw new StoreUnavailableException($"topic {options.Topic} was created, but the brokers at {servers} do not know it yet; start again");
            }

            await Task.Delay(TryAfter, time, CancellationToken.None).ConfigureAwait(false);
        }
    }

    /// <summary>Deletes the topic, if there is one.</summary>
    /// <exception cref="StoreUnavailableException">The brokers do not answer, or refuse it.</exception>
    public async Task DeleteAsync()
    {
        try
        {
            await admin.CallAsync(client => client.DeleteTopicsAsync(
                [options.Topic], new DeleteTopicsOptions { RequestTimeout = options.RequestTimeout, OperationTimeout = options.RequestTimeout })).ConfigureAwait(false);
        }
        catch (DeleteTopicsException error) when (error.Results is [{ Error.Code: ErrorCode.UnknownTopicOrPart }])
        {
            // It does not exist.
        }
        catch (KafkaException error)
        {
            throw new StoreUnavailableException($"topic {options.Topic} at {servers} cannot be deleted: {clients.WithoutSecrets(error.Error.Reason)}", error);
        }
    }

    /// <summary>Raises the number of brokers that must have a record, which depends on how many the new topic has.</summary>
    private async Task<FoundTopic> WithMinInSyncAsync(FoundTopic found, int minInSync)
    {
        string needed = minInSync.ToString(System.Globalization.CultureInfo.InvariantCulture);
        try
        {
            await admin.CallAsync(client => client.IncrementalAlterConfigsAsync(
                new Dictionary<ConfigResource, List<ConfigEntry>>
                {
                    [Resource] = [new ConfigEntry { Name = TopicRules.MinInSync, Value = needed, IncrementalOperation = AlterConfigOpType.Set }],
                },
                new IncrementalAlterConfigsOptions { RequestTimeout = options.RequestTimeout })).ConfigureAwait(false);
        }
        catch (KafkaException error)
        {
            throw Unavailable(error.Error, error);
        }

        return found with { Settings = new Dictionary<string, string>(found.Settings ?? new Dictionary<string, string>(), StringComparer.Ordinal) { [TopicRules.MinInSync] = needed } };
    }

    private ConfigResource Resource => new() { Type = ResourceType.Topic, Name = options.Topic };

    private async Task<IReadOnlyDictionary<string, string>> SettingsAsync()
    {
        List<DescribeConfigsResult> results = await admin.CallAsync(client => client.DescribeConfigsAsync(
            [Resource], new DescribeConfigsOptions { RequestTimeout = options.RequestTimeout })).ConfigureAwait(false);
        return results[0].Entries.Where(entry => entry.Value.Value is not null).ToDictionary(entry => entry.Key, entry => entry.Value.Value, StringComparer.Ordinal);
    }

    private StoreUnavailableException Unavailable(Error error, Exception cause) =>
        new($"the brokers at {servers} do not describe topic {options.Topic}: {clients.ReasonOf(error)}", cause);
}

using System.ComponentModel.DataAnnotations;
using System.Numerics;

namespace RecSys.Kafka;

/// <summary>Validates the options of the log.</summary>
internal static class OptionsRules
{
    /// <summary>The longest name of a topic that Kafka allows.</summary>
    private const int TopicLengthMax = 249;

    /// <exception cref="ArgumentException">An option is out of its range; the message names it.</exception>
    public static void Require(KafkaLogOptions options)
    {
        List<ValidationResult> problems = [];
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
        {
            throw new ArgumentException(string.Join("; ", problems.Select(problem => problem.ErrorMessage)));
        }

        if (options.Topic.Length > TopicLengthMax || options.Topic is "." or ".."
            || !options.Topic.All(character => char.IsAsciiLetterOrDigit(character) || character is '.' or '_' or '-'))
        {
            throw new ArgumentException($"{KafkaLogOptions.Section}:topic is '{options.Topic}', but a topic has at most {TopicLengthMax} letters, digits, dots, underscores and hyphens");
        }

        if (!BitOperations.IsPow2(options.Partitions))
        {
            throw new ArgumentException($"{KafkaLogOptions.Section}:partitions is {options.Partitions}; a power of two from 1 to 256 is needed, so that all have equally many shards of users");
        }

        if (options.ReplicationFactor == 0)
        {
            throw new ArgumentException($"{KafkaLogOptions.Section}:replicationFactor is 0; −1 (the default of the brokers) or 1 to 9 are allowed");
        }
    }
}

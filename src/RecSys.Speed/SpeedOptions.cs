using Microsoft.Extensions.Options;
using RecSys.Core;
using RecSys.Core.Ingestion;
using RecSys.Core.Trends;

namespace RecSys.Speed;

/// <summary>The limits and times of the speed layer. Section <c>recsys:speed</c>.</summary>
public sealed class SpeedOptions
{
    /// <summary>Path of the section in appsettings.json.</summary>
    public const string Section = "recsys:speed";

    /// <summary>Gets or sets the time from a user's first unsaved record to the save of the profile. A higher value saves several records together and lets a restart read more of the log again.</summary>
    /// <value>The default is 30 s; 100 ms to 10 min.</value>
    public TimeSpan SaveAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the number of unsaved users above which those that wait longest are saved immediately.</summary>
    /// <value>The default is 50,000, which a shutdown can save within its time; 0 to 10,000,000.</value>
    public int SaveSoonAbove { get; set; } = 50_000;

    /// <summary>Gets or sets the largest number of saves under way at the same time.</summary>
    /// <value>The default is 2,048: four groups of the snapshot store; 1 to 100,000.</value>
    public int SavesInFlightMax { get; set; } = 2_048;

    /// <summary>Gets or sets the time without messages after which a user's actor is passivated. A higher value uses more memory and loads fewer profiles.</summary>
    /// <value>The default is 30 min; 1 s to 7 days.</value>
    public TimeSpan IdleAfter { get; set; } = TimeSpan.FromMinutes(30);

    /// <summary>Gets or sets the largest number of user actors on this node; above it the least recently used are passivated.</summary>
    /// <value>The default is 200,000; each takes about 3 kB and the user's history; 100 to 100,000,000.</value>
    public int LiveUsersMax { get; set; } = 200_000;

    /// <summary>Gets or sets the largest number of users with an unsaved record, per partition; at the limit ingestion pauses.</summary>
    /// <value>The default is 200,000; at least twice <see cref="ChunkMax"/>.</value>
    public int UnsavedUsersMax { get; set; } = 200_000;

    /// <summary>Gets or sets the largest number of records that were sent to users' actors and not yet answered, per partition; at the limit ingestion pauses.</summary>
    /// <value>
    /// The default is 20,000: enough to keep two cores busy, and few enough to be answered in time while most of the users
    /// are loaded from disk; at least twice <see cref="ChunkMax"/>.
    /// </value>
    public int InFlightMax { get; set; } = 20_000;

    /// <summary>Gets or sets the largest number of records that one read of the log returns.</summary>
    /// <value>The default is 2,000; 1 to 10,000.</value>
    public int ChunkMax { get; set; } = 2_000;

    /// <summary>Gets or sets the time between two saves of a partition's checkpoint. A lower value shortens the part of the log that a restart reads again.</summary>
    /// <value>The default is 5 s; 100 ms to 10 min.</value>
    public TimeSpan CheckpointEvery { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the time between two saves of this node's folds (catalogue, trends and co-visits).</summary>
    /// <value>
    /// The default is 2 min; 100 ms to 1 h. After a crash that much of the log is read again. A large state is saved less often, so that saving takes at
    /// most a twentieth of the time.
    /// </value>
    public TimeSpan FoldSaveEvery { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>Gets or sets the longest time for which a read or an erasure waits for an answer of a user's actor; the deadline of a read may be earlier.</summary>
    /// <value>The default is 5 s, longer than an actor takes to load; 10 ms to 1 min.</value>
    public TimeSpan AnswerTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Gets or sets the number of distinct users that must have interacted with an item before trends and co-visits show it.</summary>
    /// <value>The default is 3, so that a list does not reveal what a single user did; 1 suits a very small shop; 1 to 16.</value>
    public int TrendUsersMin { get; set; } = 3;

    /// <summary>Gets or sets the largest number of items that the trends keep. An item takes up to 1.9 kB of memory, and up to 3.6 kB where purchases are recorded.</summary>
    /// <value>The default is 1,000,000; 16 to 100,000,000.</value>
    public int TrendItemsMax { get; set; } = 1_000_000;

    /// <summary>Gets or sets the largest number of users whose last items are kept for co-visits.</summary>
    /// <value>The default is 100,000; 1 to 100,000,000.</value>
    public int TrendUsersMax { get; set; } = 100_000;

    /// <summary>Gets or sets the largest number of partitions of the log that trends and co-visits read: those with the lowest numbers, the same on all nodes.</summary>
    /// <value>
    /// The default is 256, all of them; 1 to 256. Each node folds the trends itself. Where a node cannot keep up with all records, fewer partitions are a sample of the users, who are spread evenly over them. Set the same number on all nodes.
    /// After a change to fewer partitions, the trends are rebuilt from the log at the next start.
    /// </value>
    public int TrendPartitionsMax { get; set; } = Limits.ShardCount;

    /// <summary>Returns the bounds of the trends.</summary>
    public TrendsOptions ToTrendsOptions() => new()
    {
        UsersMin = TrendUsersMin,
        ItemsMax = TrendItemsMax,
        UserTailsMax = TrendUsersMax,
    };

    internal IngestOptions ToIngestOptions() => new()
    {
        ChunkMax = ChunkMax,
        UnsavedMax = UnsavedUsersMax,
        InFlightMax = InFlightMax,
        EntriesMax = Math.Max(new IngestOptions().EntriesMax, UnsavedUsersMax + (UnsavedUsersMax / 4)),
        SaveTime = SaveAfter,
        CheckpointEvery = CheckpointEvery,
    };

    internal sealed class Validator : IValidateOptions<SpeedOptions>
    {
        public ValidateOptionsResult Validate(string? name, SpeedOptions options)
        {
            List<string> problems = [];
            Between(options.SaveAfter, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), nameof(SaveAfter));
            Between(options.SaveSoonAbove, 0, 10_000_000, nameof(SaveSoonAbove));
            Between(options.SavesInFlightMax, 1, 100_000, nameof(SavesInFlightMax));
            Between(options.IdleAfter, TimeSpan.FromSeconds(1), TimeSpan.FromDays(7), nameof(IdleAfter));
            Between(options.LiveUsersMax, 100, 100_000_000, nameof(LiveUsersMax));
            Between(options.CheckpointEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(10), nameof(CheckpointEvery));
            Between(options.FoldSaveEvery, TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1), nameof(FoldSaveEvery));
            Between(options.TrendPartitionsMax, 1, Limits.ShardCount, nameof(TrendPartitionsMax));
            Between(options.AnswerTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(1), nameof(AnswerTimeout));
            Between(options.ChunkMax, 1, IngestOptions.ChunkMaxMax, nameof(ChunkMax));
            AtLeastTwoChunks(options.UnsavedUsersMax, nameof(UnsavedUsersMax));
            AtLeastTwoChunks(options.InFlightMax, nameof(InFlightMax));
            Between(options.TrendUsersMin, 1, TrendsOptions.UsersMinMax, nameof(TrendUsersMin));
            Between(options.TrendItemsMax, TrendsOptions.ItemsMaxMin, TrendsOptions.ItemsMaxMax, nameof(TrendItemsMax));
            Between(options.TrendUsersMax, 1, TrendsOptions.UserTailsMaxMax, nameof(TrendUsersMax));
            if (problems.Count == 0 && (options.ToIngestOptions().Problem() ?? options.ToTrendsOptions().Problem()) is { } derived)
            {
                problems.Add($"{Section}: {derived}");
            }

            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

            void AtLeastTwoChunks(int value, string option)
            {
                if (value < 2L * options.ChunkMax)
                {
                    problems.Add($"{Section}: {option} is {value}; at least twice {nameof(ChunkMax)} ({options.ChunkMax}) is needed");
                }
            }

            void Between<T>(T value, T least, T most, string option)
                where T : IComparable<T>
            {
                if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
                {
                    problems.Add($"{Section}: {option} is {value}; {least} to {most} are allowed");
                }
            }
        }
    }
}

using Microsoft.Extensions.Options;
using RecSys.Batch.Evaluation;
using RecSys.Batch.Ranking;
using RecSys.Batch.Training;
using RecSys.Numerics;

namespace RecSys.Batch;

/// <summary>Options of training on this node. Section <c>recsys:batch</c>.</summary>
public sealed class BatchOptions
{
    /// <summary>The section's path in appsettings.json.</summary>
    public const string Section = "recsys:batch";

    /// <summary>Gets or sets the time between two scheduled trainings. A scheduled training is skipped if the log contains no new records.</summary>
    /// <value>The default is 15 min; 0 (no scheduled training) or 1 s to 30 days.</value>
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>Gets or sets the time between the start of the job coordinator and the first scheduled training.</summary>
    /// <value>The default is 30 s; 0 to 30 days.</value>
    public TimeSpan FirstAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets or sets the number of threads of a training. More threads shorten the training and leave less processor time to requests. The model does not depend on the number.</summary>
    /// <value>The default is half of the processors, at least 1; 1 to 256.</value>
    public int ThreadCount { get; set; } = Math.Clamp(Environment.ProcessorCount / 2, 1, WorkerThreads.CountMax);

    /// <summary>Gets or sets the niceness (Unix) of training threads. A higher value gives the threads of requests more processor time.</summary>
    /// <value>The default is 10; 0 (normal priority) to 19.</value>
    public int Niceness { get; set; } = 10;

    /// <summary>Gets or sets the number of the newest models that are kept, in addition to those with an alias.</summary>
    /// <value>The default is 10; 1 to 1,000.</value>
    public int ModelsKept { get; set; } = 10;

    /// <summary>Gets or sets the number of (user, item) pairs below which no model is trained.</summary>
    /// <value>The default is 10; 1 to 1,000,000.</value>
    public int PairsMin { get; set; } = 10;

    /// <summary>Gets or sets the options of a model's training.</summary>
    /// <value>The defaults are those of <see cref="ModelOptions"/>.</value>
    public ModelOptions Model { get; set; } = new();

    /// <summary>Gets or sets the options of the gate, which decides whether a trained model is published.</summary>
    /// <value>The defaults are those of <see cref="GateOptions"/>.</value>
    public GateOptions Gate { get; set; } = new();

    /// <summary>Gets or sets the options of the fit of the ranking's weights to the log.</summary>
    /// <value>The defaults are those of <see cref="RankingFitOptions"/>.</value>
    public RankingFitOptions Ranking { get; set; } = new();

    internal WorkerThreads Threads => new() { Count = ThreadCount, Niceness = Niceness };

    internal sealed class Validator : IValidateOptions<BatchOptions>
    {
        public ValidateOptionsResult Validate(string? name, BatchOptions options)
        {
            List<string> problems = [];
            Check(
                options.Interval == TimeSpan.Zero
                    || (options.Interval >= TimeSpan.FromSeconds(1) && options.Interval <= TimeSpan.FromDays(30)),
                $"interval is {options.Interval}; 1 s to 30 days, or zero, are allowed");
            Check(
                options.FirstAfter >= TimeSpan.Zero && options.FirstAfter <= TimeSpan.FromDays(30),
                $"firstAfter is {options.FirstAfter}; 0 to 30 days are allowed");
            Check(
                options.ThreadCount is >= 1 and <= WorkerThreads.CountMax,
                $"threadCount is {options.ThreadCount}; 1 to {WorkerThreads.CountMax} are allowed");
            Check(options.Niceness is >= 0 and <= 19, $"niceness is {options.Niceness}; 0 to 19 are allowed");
            Check(options.ModelsKept is >= 1 and <= 1_000, $"modelsKept is {options.ModelsKept}; 1 to 1000 are allowed");
            Check(options.PairsMin is >= 1 and <= 1_000_000, $"pairsMin is {options.PairsMin}; 1 to 1000000 are allowed");
            Check(options.Model.Problem() is null, $"model: {options.Model.Problem()}");
            Check(options.Gate.Problem() is null, $"gate: {options.Gate.Problem()}");
            Check(options.Ranking.Problem() is null, $"ranking: {options.Ranking.Problem()}");
            return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);

            void Check(bool isRight, string problem)
            {
                if (!isRight)
                {
                    problems.Add($"{Section}: {problem}");
                }
            }
        }
    }
}

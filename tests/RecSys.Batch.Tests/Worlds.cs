using RecSys.Batch.Evaluation;
using RecSys.Batch.Training;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Core.Models;
using RecSys.Numerics;
using RecSys.TestKit;
using RecSys.TestKit.Models;

namespace RecSys.Batch.Tests;

/// <summary>Creates interactions for which the right recommendations are known.</summary>
internal static class Worlds
{
    public static readonly ModelOptions Small = new() { Dimension = 8, ContentDimension = 16, SimilarItems = 10, ContentNeighbours = 10 };

    /// <summary>Returns the interactions of users and items in the same number of groups. A user touches most items of the user's group and a few others.</summary>
    public static InteractionTable Groups(int groups = 4, int usersEach = 25, int itemsEach = 12, ulong seed = 7)
    {
        ItemIndex index = ItemIndex.Of(Enumerable.Range(0, groups * itemsEach).Select(Item));
        InteractionTable.Builder builder = new(index);
        for (int user = 0; user < groups * usersEach; user++)
        {
            SeededRandom random = new(seed, (ulong)user);
            int group = user % groups;
            int[] order = [.. Enumerable.Range(0, itemsEach)];
            random.Shuffle(order.AsSpan());
            long time = 1_000 + user;
            foreach (int item in order.Take(itemsEach - 3))
            {
                bool strays = random.NextDouble() < 0.05;
                builder.Add(((strays ? random.NextInt(groups) : group) * itemsEach) + item, time, 1);
                time += 1_000;
            }

            builder.EndUser();
        }

        return builder.Build();
    }

    /// <summary>Returns a split in which models learn from all but each user's last interaction, whose item is relevant if it is new to the user.</summary>
    public static EvaluationSplit LastOut(InteractionTable table)
    {
        TrainingSet train = table.ToTrainingSet(user => table.ItemsOf(user).Length - 1);
        return new EvaluationSplit(
            "last out",
            train,
            [
                .. Enumerable.Range(0, table.UserCount)
                    .Where(user => !table.ItemsOf(user)[..^1].Contains(table.ItemsOf(user)[^1]))
                    .Select(user => new EvaluationUser(user, [table.ItemsOf(user)[^1]])),
            ]);
    }

    /// <summary>Returns a log without records.</summary>
    public static InMemoryInteractionLog EmptyLog() => new(new LogRecordCodec(new OwnerHash(new byte[OwnerHash.KeySizeBytes])));

    public static ItemId Item(int number) => new($"item-{number:0000}");

    public static ModelSnapshot Train(TrainingSet set, ModelOptions? options = null, WarmStart? warm = null) =>
        SmallModels.Snapshot(new ModelBuilder(options ?? Small, WorkerThreads.One).Build(set, _ => null, warm));
}

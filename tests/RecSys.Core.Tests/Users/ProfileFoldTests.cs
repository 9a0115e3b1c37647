using CsCheck;
using RecSys.Core.Log;
using RecSys.Core.Users;
using Xunit;

namespace RecSys.Core.Tests.Users;

public sealed class ProfileFoldTests
{
    [Fact]
    public void The_fold_of_a_log_gives_each_user_the_profile_of_their_own_records() =>
        Gen.Select(Gen.Select(Gen.Int[0, 4], Gen.Int[0, 9], Gen.Int[0, 2]).Array[0, 60], Gen.Int[1, 20]).Sample((rows, chunk) =>
        {
            LogEntry[] log =
            [
                .. rows.Select((row, offset) => Records.Entry(offset, row.Item3 == 0
                    ? new LogRecord.PersonErased(Records.Hash.Of(UserOf(row.Item1)), new LogPosition(0, [offset - 1]), 0)
                    : new LogRecord.Interaction(UserOf(row.Item1), new($"item-{row.Item2}"), "view", row.Item2))),
                Records.Entry(rows.Length, new LogRecord.ItemChanged(new("item"), null, 0)),
            ];
            ProfileFold fold = new();
            for (int start = 0; start < log.Length; start += chunk)
            {
                fold.Apply(0, 0, log.AsSpan(start, Math.Min(chunk, log.Length - start)));
                fold.Apply(0, 0, log.AsSpan(0, start)); // again
            }

            Assert.Equal(new LogPosition(0, [rows.Length]), fold.Position);
            Assert.Equal(rows.Select(row => row.Item1).Distinct().Count(), fold.Count);
            Assert.Equal(fold.Owners.Order(), fold.Owners);
            for (int user = 0; user < 5; user++)
            {
                Owner owner = Records.Hash.Of(UserOf(user));
                LogEntry[] own = [.. log.Where(entry => LogRecordCodec.TryGetOwner(entry.Bytes.Span, out Owner whose) && whose == owner)];
                Assert.Equal(UserProfile.Empty.Apply(0, 0, own).Hex(), fold[owner].Hex());
            }

            static UserId UserOf(int number) => new($"user-{number}");
        });
}

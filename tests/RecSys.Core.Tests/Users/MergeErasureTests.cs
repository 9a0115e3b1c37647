using CsCheck;
using RecSys.Core.Log;
using RecSys.Core.Users;
using Xunit;

namespace RecSys.Core.Tests.Users;

/// <summary>Merges and erasures in every order: the live profiles equal those folded from the log afterwards, and no state contains the id of another person.</summary>
public sealed class MergeErasureTests
{
    private static readonly UserId[] Users = [.. Enumerable.Range(0, 22).Select(i => new UserId($"person-{i:D2}"))];

    private enum Kind
    {
        Merge,
        Erase,
        View,
        Label,
        Restart,
    }

    private static readonly Gen<(Kind Kind, int First, int Second)[]> Steps = Gen.Select(
        Gen.Frequency((8, Kind.Merge), (3, Kind.Erase), (2, Kind.View), (1, Kind.Label), (2, Kind.Restart)), Gen.Int[0, 21], Gen.Int[0, 21]).Array[0, 80];

    [Fact]
    public void The_log_gives_the_same_profile_after_an_erasure() => Steps.Sample(steps =>
    {
        World world = new();
        foreach ((Kind kind, int first, int second) in steps)
        {
            world.Take(kind, Users[kind == Kind.Merge ? first % 3 : first], Users[second]);
            world.MustBeWhatTheLogGives();
        }
    }, iter: 300);

    [Fact]
    public void No_user_links_to_an_erased_user_but_to_a_new_person_with_the_id()
    {
        World world = new();
        world.Take(Kind.Merge, Users[0], Users[1]);
        world.Take(Kind.Erase, Users[1], default);
        Assert.Empty(world[Users[0]].Aliases);

        world.Take(Kind.Merge, Users[0], Users[1]);
        Assert.Equal(Records.Hash.Of(Users[1]), Assert.Single(world[Users[0]].Aliases).Owner);
        world.MustBeWhatTheLogGives();
    }

    [Fact]
    public void A_merge_over_the_limit_is_not_added_when_another_is_undone()
    {
        World world = new();
        for (int from = 1; from <= Limits.AliasesMax + 2; from++)
        {
            world.Take(Kind.Merge, Users[0], Users[from]);
        }

        world.Take(Kind.Erase, Users[3], default);

        Assert.Equal(Limits.AliasesMax - 1, world[Users[0]].Aliases.Length);
        world.MustBeWhatTheLogGives();
    }

    /// <summary>Profiles as actors keep them, and a log whose erased records are overwritten as an adapter does.</summary>
    private sealed class World
    {
        private readonly List<byte[]> _log = [];
        private readonly Dictionary<Owner, UserProfile> _live = [];

        public UserProfile this[UserId user] => _live.GetValueOrDefault(Records.Hash.Of(user), UserProfile.Empty);

        public void Take(Kind kind, UserId first, UserId second)
        {
            switch (kind)
            {
                case Kind.Merge:
                    Append(new LogRecord.UsersMerged(first, second, Records.Hash.Of(second), 1));
                    break;
                case Kind.View:
                    Append(new LogRecord.Interaction(first, new("item"), "view", 1));
                    break;
                case Kind.Label:
                    Append(new LogRecord.UserChanged(first, Records.ToLabels([("city", "\"Oslo\"")]), false, true, 1));
                    break;
                case Kind.Restart:
                    foreach ((Owner owner, UserProfile profile) in _live.ToArray())
                    {
                        _live[owner] = UserProfileCodec.Decode(UserProfileCodec.Encode(profile));
                    }

                    break;
                case Kind.Erase:
                    Erase(Records.Hash.Of(first));
                    break;
            }
        }

        /// <summary>As the driver of erasures does: the erasure, then the merges into others undone, then the records overwritten.</summary>
        private void Erase(Owner owner)
        {
            LogPosition upTo = new(0, [_log.Count - 1]);
            Append(new LogRecord.PersonErased(owner, upTo, 1));
            Owner[] targets = [.. Enumerable.Range(0, (int)upTo[0] + 1).Select(offset => LogRecordCodec.Decode(_log[offset]))
                .OfType<LogRecord.UsersMerged>().Where(merged => merged.FromOwner == owner)
                .Select(merged => Records.Hash.Of(merged.Target)).Where(target => target != owner).Distinct()];
            foreach (Owner target in targets)
            {
                Append(new LogRecord.MergeErased(target, owner, upTo, 1));
            }

            for (int offset = 0; offset <= upTo[0]; offset++)
            {
                LogRecord? record = LogRecordCodec.Decode(_log[offset]);
                if (record is not (null or LogRecord.PersonErased)
                    && (Records.Codec.OwnerOf(record) == owner || (record is LogRecord.UsersMerged merged && merged.FromOwner == owner)))
                {
                    LogRecordCodec.Overwrite(_log[offset], owner);
                    _log[offset] = LogRecordCodec.KindOf(_log[offset]) == LogRecord.Kind.Erased ? LogRecordCodec.ErasedRecord.ToArray() : _log[offset];
                }
            }
        }

        public void MustBeWhatTheLogGives()
        {
            ProfileFold rebuilt = new();
            rebuilt.Apply(0, 0, [.. _log.Select((bytes, offset) => new LogEntry(offset, bytes))]);
            foreach (UserId user in Users)
            {
                Owner owner = Records.Hash.Of(user);
                byte[] saved = UserProfileCodec.Encode(this[user]);
                Assert.Equal(Facts(rebuilt[owner]), Facts(this[user]));
                Assert.True(saved.AsSpan().IndexOf("person-"u8) < 0, "a state holds an id");
            }
        }

        private void Append(LogRecord record)
        {
            LogEntry entry = Records.Entry(_log.Count, record);
            _log.Add(entry.Bytes.ToArray());
            Owner owner = Records.Codec.OwnerOf(record)!.Value;
            _live[owner] = _live.GetValueOrDefault(owner, UserProfile.Empty).Apply(0, 0, [entry]);
        }

        // All but the position: the newest record of an erased person is overwritten.
        private static string Facts(UserProfile profile) => string.Join(
            ' ',
            [
                profile.ErasedUpTo?.ToString() ?? "", profile.Consent?.ToString() ?? "", .. profile.Labels.Select(label => $"{label.Key}={label.Value}"),
                .. profile.Aliases.Select(alias => $"{alias.Owner}@{alias.Position}"), .. profile.Tell(),
            ]);
    }
}

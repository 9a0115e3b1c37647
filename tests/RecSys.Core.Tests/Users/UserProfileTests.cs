using CsCheck;
using RecSys.Core.Log;
using RecSys.Core.Users;
using Xunit;
using static RecSys.Core.Tests.Users.Histories;

namespace RecSys.Core.Tests.Users;

public sealed class UserProfileTests
{
    private static readonly bool[] BothSides = [false, true];

    [Fact]
    public void The_history_equals_its_definition() => Entries.Sample(entries =>
    {
        UserProfile profile = UserProfile.Empty.Apply(0, 3, entries);

        Assert.Equal(Define(3, entries), profile.Tell());
        Assert.Equal(profile.Count, profile.History.Count());
    });

    [Fact]
    public void Any_chunks_and_any_repeats_give_the_same_profile() =>
        Gen.Select(Entries, Gen.Select(Gen.Int[0, 40], Gen.Int[0, 40]).Array[0, 8]).Sample((entries, chunks) =>
        {
            UserProfile whole = UserProfile.Empty.Apply(0, 0, entries);
            UserProfile pieces = UserProfile.Empty;
            int reached = 0;
            foreach ((int from, int length) in chunks)
            {
                // A chunk may begin before the records that were applied already, but leaves none out.
                int start = Math.Min(from, reached);
                int end = Math.Clamp(start + length, reached, entries.Length);
                pieces = pieces.Apply(0, 0, entries.AsSpan(start..end));
                reached = end;
            }

            pieces = pieces.Apply(0, 0, entries);
            Assert.Equal(whole.Hex(), pieces.Hex());
            Assert.Same(pieces, pieces.Apply(0, 0, entries));
        });

    [Fact]
    public void Partitions_may_be_applied_in_any_mixture() =>
        Gen.Select(Entries, Entries, Gen.Bool.Array[80]).Sample((first, second, turns) =>
        {
            // Labels and merges depend on earlier records, so they are tested in one partition: all records of a user are in one.
            LogEntry[] left = [.. first.Where(IsFree)];
            LogEntry[] right = [.. second.Where(IsFree)];
            UserProfile mixed = UserProfile.Empty;
            int l = 0;
            int r = 0;
            foreach (bool turn in turns)
            {
                mixed = turn && l < left.Length ? mixed.Apply(0, 1, left.AsSpan(l++, 1))
                    : r < right.Length ? mixed.Apply(0, 2, right.AsSpan(r++, 1))
                    : mixed;
            }

            mixed = mixed.Apply(0, 1, left).Apply(0, 2, right);
            UserProfile ordered = UserProfile.Empty.Apply(0, 1, left).Apply(0, 2, right);
            Assert.Equal(ordered.Hex(), mixed.Hex());

            static bool IsFree(LogEntry entry) => LogRecordCodec.Decode(entry.Bytes.Span) is LogRecord.Interaction or LogRecord.InteractionRetracted;
        });

    [Fact]
    public void A_profile_is_read_as_it_was_saved() => Entries.Sample(entries =>
    {
        UserProfile profile = UserProfile.Empty.Apply(2, 5, entries);
        UserProfile read = UserProfileCodec.Decode(UserProfileCodec.Encode(profile));

        Assert.Equal(profile.Hex(), read.Hex());
        Assert.Equal(profile.Tell(), read.Tell());
        Assert.Equal(profile.Position, read.Position);
        Assert.Equal(profile.Labels, read.Labels);
        Assert.Equal(profile.Aliases.AsEnumerable(), read.Aliases);
        Assert.Equal(profile.Consent, read.Consent);
        LogEntry next = Records.Entry(1_000, Viewed("next", 7));
        Assert.Equal(profile.Apply(2, 5, [next]).Hex(), read.Apply(2, 5, [next]).Hex());
    });

    [Fact]
    public void Version_1_of_a_saved_profile_stays_readable()
    {
        const string saved =
            "01010200080291030240020102640700077761746368656408736E6F7720E29883000000000000124003692D3103722D3127E8A7BFE9D6660102C80102060666" +
            "696C6D2F3803692D32170701030800010102AD020104706C616E0622676F6C64220102AD020106616E6F6E2D3981A5DAE6C88B202AB8CB6F109365B16E010291" +
            "03";
        UserProfile profile = UserProfileCodec.Decode(Convert.FromHexString(saved), out bool hasIdsOfOthers);

        // Saved again, it contains no id of a merged user: an alias is stored as its owner only.
        Assert.True(hasIdsOfOthers);
        string now = saved
            .Replace("170701030800010102AD0201", "170F01030800010102AD0201", StringComparison.Ordinal)
            .Replace("06616E6F6E2D39", "", StringComparison.Ordinal);
        Assert.Equal("02" + now[2..], profile.Hex()[..now.Length]);
        Assert.Equal(profile.Hex(), UserProfileCodec.Decode(UserProfileCodec.Encode(profile), out hasIdsOfOthers).Hex());
        Assert.False(hasIdsOfOthers);
        Assert.Equal(["film/8", "snow ☃"], profile.Items());
        Assert.Equal("watched", profile.History.Last().Type);
        Assert.Equal(4.5, profile.History.Last().Value);
        Assert.Equal("r-1", profile.History.Last().RecommendationId);
        profile.History.Last().Read(out ReadOnlySpan<byte> item, out string type, out double? value);
        Assert.Equal("snow ☃"u8, item);
        Assert.Equal(("watched", 4.5), (type, value));
        Assert.Equal(400, profile.OffsetOf(1, 2));
        Assert.Equal("\"gold\"", profile.Labels["plan"]);
        Assert.True(profile.Consent);
        Assert.Equal(new LogPosition(1, [7, -1, 0]), profile.ErasedUpTo);
        Assert.Equal(Records.Hash.Of(new("anon-9")), Assert.Single(profile.Aliases).Owner);
    }

    [Fact]
    public void Version_3_of_a_saved_profile_stays_readable()
    {
        const string saved =
            "030101029103010F2801028F0300010666696C6D2F380E30000002310A0102AC0203000777617463686564036F6C64000000000000124003692D311F0C0102AD02000808736E6F7720E29883100158ECED530CC1629B01029103527BBFC511A47A66";
        UserProfile profile = UserProfileCodec.Decode(Convert.FromHexString(saved));

        Assert.Equal(saved, profile.Hex());
        Assert.Equal(["film/8"], profile.Items());
        Assert.Equal(["snow ☃", "old"], profile.OlderStatements.Select(statement => statement.Item.Value));
        Assert.Equal(["hide", "watched"], profile.OlderStatements.Select(statement => statement.Type));
        Assert.Equal(["film/8"], profile.Apply(1, 2, [Records.Entry(500, Viewed("again", 9) with { Id = "i-2" })]).Items());
    }

    [Fact]
    public void A_flipped_bit_of_a_saved_profile_is_detected() => Gen.Select(Entries, Gen.Int[0, int.MaxValue]).Sample((entries, bit) =>
    {
        byte[] bytes = UserProfileCodec.Encode(UserProfile.Empty.Apply(0, 0, entries));
        bit %= bytes.Length * 8;
        bytes[bit / 8] ^= (byte)(1 << (bit % 8));

        Assert.Throws<CorruptRecordException>(() => UserProfileCodec.Decode(bytes));
    });

    [Fact]
    public void A_profile_of_a_newer_program_is_not_reported_as_damaged()
    {
        byte[] newer = [9, .. UserProfileCodec.Encode(UserProfile.Empty).AsSpan(1..^8)];
        newer = [.. newer, .. BitConverter.GetBytes(LogChecksum.Of(newer))];

        Assert.Contains("upgrade this node", Assert.Throws<NotSupportedException>(() => UserProfileCodec.Decode(newer)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_bytes_of_version_1_are_corrupt_or_another_profile_and_never_crash() =>
        Gen.Select(Entries, Gen.Select(Gen.Int[0, int.MaxValue], Gen.Byte).Array[1, 3], Gen.Int[0, int.MaxValue]).Sample((entries, damages, at) =>
        {
            byte[] bytes = [1, .. UserProfileCodec.Encode(UserProfile.Empty.Apply(0, 0, entries)).AsSpan(1..^8)];
            Read(bytes.AsSpan(0, at % bytes.Length));
            foreach ((int place, byte value) in damages)
            {
                bytes[1 + (place % (bytes.Length - 1))] = value;
            }

            Read(bytes);

            static void Read(ReadOnlySpan<byte> bytes)
            {
                try
                {
                    UserProfileCodec.Decode(bytes).Tell();
                }
                catch (CorruptRecordException)
                {
                    // The documented exception for bytes that are not a profile.
                }
            }
        }, iter: 5_000);

    [Fact]
    public void Interactions_are_ordered_by_time_then_log_position_not_by_arrival()
    {
        UserProfile profile = UserProfile.Empty
            .Apply(0, 2, [Records.Entry(0, Viewed("c", 10)), Records.Entry(1, Viewed("a", 5))])
            .Apply(0, 1, [Records.Entry(9, Viewed("b", 10))]);

        Assert.Equal(["c", "b", "a"], profile.Items());
    }

    [Fact]
    public void Only_the_newest_interactions_are_kept()
    {
        LogRecord[] many = [.. Enumerable.Range(0, Limits.HistoryMax + 10).Select(i => Viewed($"item-{i}", i))];
        UserProfile profile = UserProfile.Empty.Apply(0, many);

        Assert.Equal(Limits.HistoryMax, profile.Count);
        Assert.Equal($"item-{Limits.HistoryMax + 9}", profile.Items()[0]);
        Assert.Equal("item-10", profile.Items()[^1]);
        Assert.Equal(profile.Items(), profile.Apply(0, Viewed("too old", 9)).Items());
        Assert.Equal("late", profile.Apply(0, Viewed("late", 10)).Items()[^1]);
    }

    [Fact]
    public void A_full_history_in_any_order_of_times_equals_its_definition() => Gen.Int[0, 2_000].Array[Limits.HistoryMax + 60].Sample(times =>
    {
        LogEntry[] entries = ToEntries(times.Select((time, i) => Viewed($"item-{i}", time) with { Id = time % 5 == 0 ? $"i{time}" : null }));

        Assert.Equal(Define(0, entries), UserProfile.Empty.Apply(0, 0, entries).Tell());
    }, iter: 5);

    [Fact]
    public void An_interaction_id_counts_once()
    {
        UserProfile profile = UserProfile.Empty.Apply(0, Viewed("a", 1) with { Id = "x" }, Viewed("b", 2) with { Id = "x" });

        Assert.Equal(["a"], profile.Items());
    }

    [Fact]
    public void Of_two_interactions_with_one_id_the_first_in_the_log_is_kept()
    {
        LogEntry early = Records.Entry(4, Viewed("a", 1) with { Id = "x" });
        LogEntry late = Records.Entry(7, Viewed("b", 2) with { Id = "x" });

        Assert.Equal(["a"], UserProfile.Empty.Apply(0, 0, [early]).Apply(0, 1, [late]).Items());
        Assert.Equal(["a"], UserProfile.Empty.Apply(0, 1, [late]).Apply(0, 0, [early]).Items());
    }

    [Fact]
    public void A_retracted_interaction_is_removed_and_stays_retracted_when_it_is_sent_again()
    {
        UserProfile profile = UserProfile.Empty.Apply(
            0, Viewed("a", 1) with { Id = "x" }, Viewed("b", 2), new LogRecord.InteractionRetracted(User, "x", 3), Viewed("a", 4) with { Id = "x" });

        Assert.Equal(["b"], profile.Items());
        Assert.Equal(["b"], UserProfileCodec.Decode(UserProfileCodec.Encode(profile)).Apply(0, Viewed("a", 1) with { Id = "x" }).Items());
    }

    [Fact]
    public void A_retraction_before_its_interaction_retracts_it() => Assert.Empty(
        UserProfile.Empty.Apply(0, new LogRecord.InteractionRetracted(User, "x", 3), Viewed("a", 1) with { Id = "x" }).Items());

    [Fact]
    public void Retractions_stay_within_their_limit_and_the_newest_are_kept()
    {
        UserProfile profile = UserProfile.Empty.Apply(
            0, [.. Enumerable.Range(0, Limits.RetractionsMax + 1).Select(i => new LogRecord.InteractionRetracted(User, $"i{i}", i))]);

        profile = profile.Apply(0, [.. Enumerable.Range(0, Limits.RetractionsMax + 1).Select(i => Viewed($"a{i}", i) with { Id = $"i{i}" })]);

        Assert.Equal(["a0"], profile.Items());
    }

    [Theory]
    [InlineData("purchase", true)]
    [InlineData("hide", true)]
    [InlineData("dislike", true)]
    [InlineData("rating", true)]
    [InlineData("like", true)]
    [InlineData("watched to the end", true)]
    [InlineData("view", false)]
    [InlineData("click", false)]
    [InlineData("addToCart", false)]
    [InlineData("removeFromCart", false)]
    public void A_full_history_drops_no_statement(string type, bool isKept)
    {
        UserProfile profile = UserProfile.Empty.Apply(0, [Did(type, "old", 0), .. Enumerable.Range(1, Limits.HistoryMax).Select(i => Viewed("new", i))]);

        Assert.DoesNotContain("old", profile.Items());
        Assert.Equal(isKept ? ["old"] : [], profile.OlderStatements.Select(statement => statement.Item.Value));
        Assert.Equal(profile.Hex(), UserProfileCodec.Decode(UserProfileCodec.Encode(profile)).Hex());
    }

    [Fact]
    public void A_statement_that_arrives_too_late_for_the_history_is_kept()
    {
        UserProfile profile = UserProfile.Empty.Apply(
            0, [.. Enumerable.Range(1, Limits.HistoryMax).Select(i => Viewed("new", i)), Did("purchase", "late", 0)]);

        Assert.Equal(["late"], profile.OlderStatements.Select(statement => statement.Item.Value));
    }

    [Fact]
    public void Older_statements_stay_within_their_limit_and_repeats_without_an_id_take_one_place()
    {
        UserProfile profile = UserProfile.Empty.Apply(0,
        [
            .. Enumerable.Range(0, 10).Select(i => Did("purchase", "milk", i)),
            .. Enumerable.Range(0, Limits.OlderStatementsMax + 1).Select(i => Did("hide", $"item-{i}", 10 + i)),
            .. Enumerable.Range(0, Limits.HistoryMax).Select(i => Viewed("new", 100_000 + i)),
        ]);

        string[] older = [.. profile.OlderStatements.Select(statement => statement.Item.Value)];
        Assert.Equal(Limits.OlderStatementsMax, older.Length);
        Assert.Equal($"item-{Limits.OlderStatementsMax}", older[0]);
        Assert.Equal("item-1", older[^1]);

        profile = UserProfile.Empty.Apply(
            0, [.. Enumerable.Range(0, 10).Select(i => Did("purchase", "milk", i)), .. Enumerable.Range(0, Limits.HistoryMax).Select(i => Viewed("new", 100 + i))]);
        Assert.Equal(9, Assert.Single(profile.OlderStatements).TimestampMs);
    }

    [Fact]
    public void A_retraction_removes_an_older_statement_and_its_id_counts_once()
    {
        UserProfile profile = UserProfile.Empty.Apply(0,
        [
            Did("purchase", "a", 0) with { Id = "x" }, Did("purchase", "b", 0) with { Id = "y" },
            .. Enumerable.Range(1, Limits.HistoryMax).Select(i => Viewed("new", i)),
        ]);
        Assert.Equal(profile.Tell(), profile.Apply(0, Did("purchase", "a", 5_000) with { Id = "x" }).Tell());

        profile = profile.Apply(0, new LogRecord.InteractionRetracted(User, "x", 9));

        Assert.Equal(["b"], profile.OlderStatements.Select(statement => statement.Item.Value));
    }

    [Fact]
    public void An_erasure_removes_older_statements_and_retractions()
    {
        UserProfile profile = UserProfile.Empty.Apply(0,
        [
            Did("purchase", "secret", 0), new LogRecord.InteractionRetracted(User, "x", 0),
            .. Enumerable.Range(1, Limits.HistoryMax).Select(i => Viewed("new", i)),
        ]);
        long upTo = profile.OffsetOf(0, 0);

        profile = profile.Apply(0, new LogRecord.PersonErased(Records.Hash.Of(User), new LogPosition(0, [upTo]), 0), Viewed("again", 1) with { Id = "x" });

        Assert.Equal(["again"], profile.Items());
        Assert.Empty(profile.OlderStatements);
    }

    [Fact]
    public void Merging_keeps_the_older_statements_of_each()
    {
        UserProfile target = UserProfile.Empty.Apply(
            0, [Did("hide", "t", 0), .. Enumerable.Range(1, Limits.HistoryMax).Select(i => Viewed("new", i))]);
        UserProfile alias = UserProfile.Empty.Apply(
            1, [Did("purchase", "a", 0), Did("purchase", "of the history", 1), .. Enumerable.Range(1, Limits.HistoryMax - 1).Select(i => Viewed("new", i))]);

        UserProfile merged = UserProfile.Merge(target, [alias]);

        Assert.Equal(Limits.HistoryMax, merged.Count);
        Assert.Equal(["a", "of the history", "t"], merged.OlderStatements.Select(statement => statement.Item.Value).Order());
    }

    [Fact]
    public void Older_statements_do_not_depend_on_the_order_of_partitions() =>
        Gen.Select(Gen.Int[0, 400], Gen.Int[0, 3], Gen.Int[0, 1_000], Gen.Bool).Array[Limits.HistoryMax + 400].Sample(rows =>
        {
            string[] types = ["purchase", "hide", "view", "watched"];
            LogEntry[][] halves =
            [
                .. BothSides.Select(side => ToEntries(rows.Where(row => row.Item4 == side).Select(row => Did(types[row.Item2], $"item-{row.Item1}", row.Item3)))),
            ];
            UserProfile leftFirst = UserProfile.Empty.Apply(0, 1, halves[0]).Apply(0, 2, halves[1]);
            UserProfile rightFirst = UserProfile.Empty.Apply(0, 2, halves[1]).Apply(0, 1, halves[0]);

            Assert.NotEmpty(leftFirst.OlderStatements);
            Assert.Equal(leftFirst.Tell(), rightFirst.Tell());
        }, iter: 5);

    [Fact]
    public void Version_2_is_written_where_no_statement_is_older_than_the_history_and_nothing_was_retracted()
    {
        Assert.StartsWith("02", UserProfile.Empty.Apply(0, Did("purchase", "a", 1)).Hex(), StringComparison.Ordinal);
        Assert.StartsWith("03", UserProfile.Empty.Apply(0, new LogRecord.InteractionRetracted(User, "x", 9)).Hex(), StringComparison.Ordinal);
    }

    [Fact]
    public void Two_successors_of_one_profile_are_independent()
    {
        UserProfile start = UserProfile.Empty.Apply(0, Viewed("a", 1));
        UserProfile left = start.Apply(0, Viewed("left", 2));
        UserProfile right = start.Apply(0, Viewed("right", 2));
        UserProfile leftMore = left.Apply(0, Viewed("left more", 3));

        Assert.Equal(["a"], start.Items());
        Assert.Equal(["left", "a"], left.Items());
        Assert.Equal(["right", "a"], right.Items());
        Assert.Equal(["left more", "left", "a"], leftMore.Items());
    }

    [Fact]
    public void A_patch_keeps_labels_it_does_not_have_and_a_put_removes_them()
    {
        UserProfile profile = UserProfile.Empty.Apply(
            0,
            new LogRecord.UserChanged(User, Records.ToLabels([("plan", "\"gold\""), ("age", "41")]), true, false, 1),
            new LogRecord.UserChanged(User, Records.ToLabels([("plan", "null"), ("city", "\"Oslo\"")]), null, true, 2));

        Assert.Equal(Records.ToLabels([("age", "41"), ("city", "\"Oslo\"")]), profile.Labels);
        Assert.True(profile.Consent);

        profile = profile.Apply(0, new LogRecord.UserChanged(User, Records.ToLabels([("age", "42")]), null, false, 3));
        Assert.Equal(Records.ToLabels([("age", "42")]), profile.Labels);
        Assert.True(profile.Consent);
    }

    [Fact]
    public void A_patch_whose_result_is_within_the_limit_is_applied_as_a_whole_whatever_the_names()
    {
        UserProfile full = UserProfile.Empty.Apply(0, new LogRecord.UserChanged(
            User, Records.ToLabels(Enumerable.Range(0, Limits.LabelsMax).Select(i => ($"m{i:D4}", "1"))), null, false, 1));

        UserProfile profile = full.Apply(0, new LogRecord.UserChanged(User, Records.ToLabels([("a", "1"), ("m0000", "null")]), null, true, 2));

        Assert.Equal(Limits.LabelsMax, profile.Labels.Count);
        Assert.True(profile.Labels.ContainsKey("a"));
    }

    [Fact]
    public void A_profile_of_the_longest_ids_and_labels_stays_within_its_bytes_and_keeps_the_newest()
    {
        string filler = new('x', Limits.IdBytesMax - 5);
        UserProfile profile = UserProfile.Empty.Apply(
            0,
            [
                .. Enumerable.Range(0, 3_000).Select(i => Did(i % 2 == 0 ? "purchase" : "view", $"{i:D4}-{filler}", i) with { Id = $"i{i:D4}{filler}" }),
                .. Enumerable.Range(0, Limits.RetractionsMax).Select(i => new LogRecord.InteractionRetracted(User, $"r{i}", 1)),
                .. Enumerable.Range(0, 40)
                    .Select(i => new LogRecord.UserChanged(User, Records.ToLabels([($"l{i}", $"\"{new string('y', 8_000)}\"")]), true, true, 1)),
            ]);

        Assert.InRange(UserProfileCodec.Encode(profile).Length, Limits.ProfileBytesMax / 2, Limits.ProfileBytesMax);
        Assert.StartsWith("2999-", profile.Items()[0], StringComparison.Ordinal);
        Assert.InRange(profile.Count, 100, 130);
        Assert.Equal(profile.Hex(), UserProfileCodec.Decode(Convert.FromHexString(profile.Hex())).Hex());
    }

    [Fact]
    public void Labels_over_the_limit_of_bytes_are_ignored_and_shorter_values_make_room()
    {
        UserProfile full = UserProfile.Empty.Apply(0, new LogRecord.UserChanged(
            User, Records.ToLabels(Enumerable.Range(0, 8).Select(i => ($"l{i}", new string('1', (Limits.LabelsBytesMax / 8) - 2)))), null, false, 1));
        Assert.Equal(8, full.Labels.Count);

        UserProfile over = full.Apply(0, new LogRecord.UserChanged(User, Records.ToLabels([("new", "1")]), null, true, 2));
        UserProfile swapped = full.Apply(0, new LogRecord.UserChanged(User, Records.ToLabels([("a", "22222222"), ("l7", "1")]), null, true, 2));

        Assert.Equal(8, over.Labels.Count);
        Assert.Equal(9, swapped.Labels.Count);
        Assert.Equal("22222222", swapped.Labels["a"]);
    }

    [Fact]
    public void Labels_and_aliases_stay_within_their_limits()
    {
        UserProfile profile = UserProfile.Empty.Apply(
            0,
            [
                .. Enumerable.Range(0, 2 * Limits.LabelsMax)
                    .Select(i => new LogRecord.UserChanged(User, Records.ToLabels([($"l{i:D4}", "1")]), null, true, 1)),
                .. Enumerable.Range(0, 2 * Limits.AliasesMax)
                    .Select(i => new LogRecord.UsersMerged(User, new($"u{i}"), Records.Hash.Of(new($"u{i}")), 1)),
            ]);

        Assert.Equal(Limits.LabelsMax, profile.Labels.Count);
        Assert.Equal(Limits.AliasesMax, profile.Aliases.Length);
        Assert.Equal(Records.Hash.Of(new("u0")), profile.Aliases[0].Owner);
    }

    [Fact]
    public void An_erasure_leaves_the_profile_of_the_later_records() =>
        Gen.Select(Entries, Histories.Record.Array[0, 15], Histories.Record.Array[0, 15]).Sample((entries, between, after) =>
        {
            // Between the end that the erasure names and the erasure itself, a new person's records may come.
            long upTo = entries.Length == 0 ? -1 : entries[^1].Offset;
            LogRecord erased = new LogRecord.PersonErased(Records.Hash.Of(User), new LogPosition(0, [upTo]), 0);
            LogEntry[] newer = ToEntries([.. between, erased, .. after], upTo + 1);
            UserProfile profile = UserProfile.Empty.Apply(0, 0, entries).Apply(0, 0, newer);
            UserProfile newPerson = UserProfile.Empty.Apply(0, 0, newer);

            Assert.Equal(Define(0, [.. entries, .. newer]), profile.Tell());
            Assert.Equal(newPerson.Position, profile.Position);
            Assert.Equal(new LogPosition(0, [upTo]), profile.ErasedUpTo);
            Assert.All(profile.History, interaction => Assert.True(interaction.Position.Offset > upTo));
            Assert.Equal(newPerson.Labels.AsEnumerable(), profile.Labels);
            Assert.Equal(newPerson.Consent, profile.Consent);
            Assert.Equal(newPerson.Aliases.Select(alias => alias.Owner).Order(), profile.Aliases.Select(alias => alias.Owner).Order());
        });

    [Fact]
    public void An_erasure_removes_every_byte_of_earlier_records()
    {
        UserProfile profile = UserProfile.Empty.Apply(
            0,
            Viewed("secret-item", 1) with { Id = "secret-id" },
            new LogRecord.UserChanged(User, Records.ToLabels([("secret-label", "\"secret-value\"")]), true, false, 2),
            new LogRecord.UsersMerged(User, new("secret-alias"), Records.Hash.Of(new("secret-alias")), 3),
            new LogRecord.PersonErased(Records.Hash.Of(User), new LogPosition(0, [4]), 4));

        Assert.DoesNotContain(Convert.ToHexString("secret"u8), profile.Hex(), StringComparison.Ordinal);
        Assert.Equal((0, null, 0, 0), (profile.Count, profile.Consent, profile.Labels.Count, profile.Aliases.Length));
        Assert.Equal(6, profile.OffsetOf(0, 0));
    }

    [Fact]
    public void A_late_record_from_before_an_erasure_only_moves_the_position()
    {
        LogRecord erased = new LogRecord.PersonErased(Records.Hash.Of(User), new LogPosition(0, [5, 5]), 9);
        UserProfile profile = UserProfile.Empty
            .Apply(0, 1, [Records.Entry(6, erased)])
            .Apply(0, 0, [Records.Entry(4, Viewed("old", 1)), Records.Entry(6, erased), Records.Entry(7, Viewed("new", 2))])
            .Apply(0, 1, [Records.Entry(6, erased)]);

        Assert.Equal(["new"], profile.Items());
        Assert.Equal(new LogPosition(0, [7, 6]), profile.Position);
    }

    [Fact]
    public void A_new_epoch_ends_the_one_before()
    {
        UserProfile profile = UserProfile.Empty
            .Apply(0, 0, [Records.Entry(4, Viewed("a", 1))])
            .Apply(1, 2, [Records.Entry(0, Viewed("b", 1))]);

        Assert.Equal(["b", "a"], profile.Items());
        Assert.Equal(new LogPosition(1, [-1, -1, 0]), profile.Position);
        Assert.Equal(long.MaxValue, profile.OffsetOf(0, 0));
        Assert.Same(profile, profile.Apply(0, 0, [Records.Entry(9, Viewed("c", 1))]));
    }

    [Fact]
    public void An_unreadable_record_only_moves_the_position()
    {
        UserProfile profile = UserProfile.Empty.Apply(0, 0, [new LogEntry(0, new byte[] { 1, 1, 7 }), Records.Entry(1, Viewed("a", 1))]);

        Assert.Equal(["a"], profile.Items());
        Assert.Equal(1, profile.OffsetOf(0, 0));
    }

    [Fact]
    public void Merging_folds_the_histories_in_their_total_order()
    {
        UserProfile target = UserProfile.Empty.Apply(
            0,
            Viewed("t1", 1),
            Viewed("t3", 3),
            Viewed("same", 5) with { Id = "x" },
            new LogRecord.UserChanged(User, Records.ToLabels([("plan", "3")]), null, false, 0));
        UserProfile alias = UserProfile.Empty.Apply(
            1,
            Viewed("a2", 2),
            Viewed("same again", 6) with { Id = "x" },
            new LogRecord.UserChanged(User, Records.ToLabels([("city", "1"), ("plan", "2")]), false, false, 0));

        UserProfile merged = UserProfile.Merge(target, [alias]);

        Assert.Equal(["same", "t3", "a2", "t1"], merged.Items());
        Assert.Equal(target.Position, merged.Position);
        Assert.Equal(Records.ToLabels([("city", "1"), ("plan", "3")]), merged.Labels);
        Assert.False(merged.Consent);
        Assert.Same(target, UserProfile.Merge(target, []));
    }

    [Fact]
    public void Merging_keeps_the_newest_interactions_of_all_users()
    {
        UserProfile target = UserProfile.Empty.Apply(0, [.. Enumerable.Range(0, Limits.HistoryMax).Select(i => Viewed("t", 2 * i))]);
        UserProfile alias = UserProfile.Empty.Apply(1, [.. Enumerable.Range(0, Limits.HistoryMax).Select(i => Viewed("a", (2 * i) + 1))]);

        UserProfile merged = UserProfile.Merge(target, [alias]);

        Assert.Equal(Limits.HistoryMax, merged.Count);
        Assert.Equal(Limits.HistoryMax / 2, merged.Items().Count(item => item == "a"));
        Assert.Equal(Limits.HistoryMax, merged.History.Last().TimestampMs);
    }

    [Fact]
    public void Sixty_four_interactions_take_about_two_kilobytes()
    {
        UserProfile profile = UserProfile.Empty.Apply(
            0, [.. Enumerable.Range(0, 64).Select(i => Viewed($"item-{i:D6}", 1_764_000_000_000 + i))]);

        Assert.InRange(profile.SizeBytes, 64 * 20, 2_300);
    }

    [Fact]
    public void Appending_to_a_full_history_rarely_copies_it()
    {
        LogEntry[] entries = ToEntries(Enumerable.Range(0, 3 * Limits.HistoryMax).Select(i => Viewed($"item-{i:D6}", 1_764_000_000_000 + i)));
        UserProfile profile = UserProfile.Empty.Apply(0, 0, entries.AsSpan(0, 2 * Limits.HistoryMax));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 2 * Limits.HistoryMax; i < entries.Length; i++)
        {
            profile = profile.Apply(0, 0, entries.AsSpan(i, 1));
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / Limits.HistoryMax, 0, 500);
    }
}

using RecSys.Core.Diagnostics;
using Xunit;

namespace RecSys.Core.Tests.Diagnostics;

public sealed class HealthRulesTests
{
    private static readonly DateTimeOffset Now = new(2026, 5, 4, 14, 32, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(HealthVerdict.Bad, (1L << 30) - 1)]
    [InlineData(HealthVerdict.Good, 1L << 30)]
    public void Little_free_disk_space_is_bad(HealthVerdict verdict, long freeBytes) => Assert.Equal(verdict, HealthRules.Disk("/data", freeBytes).Verdict);

    [Theory]
    [InlineData(HealthVerdict.Bad, 511L)]
    [InlineData(HealthVerdict.Note, 1_024L)]
    [InlineData(HealthVerdict.Good, 65_536L)]
    [InlineData(HealthVerdict.Good, null)]
    public void Few_open_files_are_bad(HealthVerdict verdict, long? limit) => Assert.Equal(verdict, HealthRules.OpenFiles(limit).Verdict);

    [Theory]
    [InlineData(HealthVerdict.Good, 60)]
    [InlineData(HealthVerdict.Bad, 61)]
    public void A_record_dated_in_the_future_is_bad(HealthVerdict verdict, int secondsAhead) =>
        Assert.Equal(verdict, HealthRules.Clock(Now, Now + TimeSpan.FromSeconds(secondsAhead)).Verdict);

    [Fact]
    public void A_clock_before_the_programs_build_is_bad() =>
        Assert.Equal(HealthVerdict.Bad, HealthRules.Clock(new DateTimeOffset(1970, 1, 1, 0, 5, 0, TimeSpan.Zero), null).Verdict);

    [Theory]
    [InlineData(HealthVerdict.Good, 1_000, 2_000)]
    [InlineData(HealthVerdict.Note, 10_000_000, 1_200)]
    [InlineData(HealthVerdict.Bad, 10_000_000, 800)]
    public void Data_that_does_not_fit_into_memory_is_bad(HealthVerdict verdict, long records, long availableMb) =>
        Assert.Equal(verdict, HealthRules.Memory(records, foldBytes: 0, modelBytes: 0, availableMb << 20).Verdict);

    [Fact]
    public void Files_that_other_users_can_read_are_bad_and_listed()
    {
        HealthFinding finding = HealthRules.Permissions("/data", isFolderOpen: true, ["state.db"]);

        Assert.Equal(HealthVerdict.Bad, finding.Verdict);
        Assert.Contains("state.db", finding.Found, StringComparison.Ordinal);
        Assert.Equal(HealthVerdict.Note, HealthRules.Permissions("/data", isFolderOpen: true, []).Verdict);
    }

    [Fact]
    public void Every_bad_finding_has_a_remedy()
    {
        HealthFinding[] findings =
        [
            HealthRules.Disk("/data", 0), HealthRules.OpenFiles(1), HealthRules.Clock(Now, Now.AddDays(1)), HealthRules.Memory(1, 0, 0, 1),
            HealthRules.Permissions("/data", true, ["log.db"]), HealthRules.SpeedLayer(99_999, null), HealthRules.SpeedLayer(0, "it stopped"), HealthRules.Log(9, 1, null),
            HealthRules.FoldsWithout(RecSys.Core.Log.RemovedRecords.None.With("trends", 3, 10, 20), "/data/folds"),
        ];

        Assert.All(findings, finding => Assert.Equal(HealthVerdict.Bad, finding.Verdict));
        Assert.All(findings, finding => Assert.False(string.IsNullOrEmpty(finding.Command)));
    }
}

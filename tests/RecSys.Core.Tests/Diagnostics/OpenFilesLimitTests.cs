using RecSys.Core.Diagnostics;
using Xunit;

namespace RecSys.Core.Tests.Diagnostics;

public sealed class OpenFilesLimitTests
{
    [Theory]
    [InlineData("Max open files            1024                 524288               files     ", 1_024L)]
    [InlineData("Limit  Soft Limit  Hard Limit  Units\nMax open files            unlimited            unlimited            files     ", null)]
    [InlineData("Max processes  10 10 processes", null)]
    [InlineData("Max open files", null)]
    public void The_soft_limit_of_open_files_is_read(string limits, long? expected) => Assert.Equal(expected, OpenFilesLimit.Parse(limits));
}

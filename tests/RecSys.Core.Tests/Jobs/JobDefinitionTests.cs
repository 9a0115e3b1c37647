using System.Collections.Immutable;
using RecSys.Core.Jobs;
using Xunit;

namespace RecSys.Core.Tests.Jobs;

public sealed class JobDefinitionTests
{
    private static readonly JobDefinition Export = new(
        JobKind.Export,
        [JobParameter.OneOf("what", "users", "items") with { IsRequired = true }, JobParameter.OneOf("order", "time")],
        (_, _, _) => throw new NotSupportedException());

    [Theory]
    [InlineData("what=users", null, null)]
    [InlineData("what=users;order=time", null, null)]
    [InlineData("what=cats", "what", "must be one of users, items")]
    [InlineData("what=users;file=/etc/passwd", "file", "is unknown; this kind of job takes what, order")]
    [InlineData("order=time", "what", "is missing; it must be one of users, items")]
    public void An_invalid_parameter_is_reported_with_the_accepted_values(string given, string? named, string? text)
    {
        JobProblem? problem = Export.Check(given.Split(';').Select(pair => pair.Split('=')).ToImmutableSortedDictionary(pair => pair[0], pair => pair[1]));

        Assert.Equal(named, problem?.Parameter);
        Assert.Equal(text, problem?.Text);
    }
}

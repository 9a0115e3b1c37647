using Microsoft.Extensions.Options;
using RecSys.Actors;

namespace RecSys.Cli.Hosting;

/// <summary>Refuses to join other nodes over the files of a data folder, which they do not share: each would have its own log, states and owner key.</summary>
/// <param name="files">What nodes do not share, as in "the log is an SQLite file".</param>
internal sealed class FilesOfOneNode(string files) : IValidateOptions<ActorsOptions>
{
    public ValidateOptionsResult Validate(string? name, ActorsOptions options) =>
        options.Join.Count == 0
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                $"{ActorsOptions.Section}: join names {string.Join(", ", options.Join)}, but {files} of this node, which other nodes"
                + " do not share: data that one node accepts would be visible on none of the others; leave join out");
}

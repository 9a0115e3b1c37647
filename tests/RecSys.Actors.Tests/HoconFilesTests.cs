using Akka.Configuration;
using Microsoft.Extensions.Options;
using RecSys.TestKit;
using Xunit;

namespace RecSys.Actors.Tests;

public sealed class HoconFilesTests
{
    private const string StableAfter = "akka.cluster.split-brain-resolver.stable-after";

    [Fact]
    public void Embedded_HOCON_is_complete_without_other_files()
    {
        Config config = HoconFiles.Load(new ActorsOptions());

        Assert.Equal("cluster", config.GetString("akka.actor.provider"));
        Assert.Equal("ddata", config.GetString("akka.cluster.sharding.state-store-mode"));
        Assert.Equal(TimeSpan.FromSeconds(5), config.GetTimeSpan(StableAfter));
    }

    [Fact]
    public void A_folder_overrides_key_by_key_and_the_options_override_the_folder()
    {
        using DataFolder folder = new();
        File.WriteAllText(folder.File("mine.conf"), $"{StableAfter} = 21s\nakka.remote.dot-netty.tcp.port = 1");

        Config config = HoconFiles.Load(new ActorsOptions { HoconFolder = folder.Path, Port = 4053, Roles = [NodeRoles.Batch] });

        Assert.Equal(TimeSpan.FromSeconds(21), config.GetTimeSpan(StableAfter));
        Assert.Equal("keep-majority", config.GetString("akka.cluster.split-brain-resolver.active-strategy"));
        Assert.Equal(4053, config.GetInt("akka.remote.dot-netty.tcp.port"));
        Assert.Equal([NodeRoles.Batch], config.GetStringList("akka.cluster.roles"));
    }

    [Fact]
    public void All_invalid_options_are_reported_together()
    {
        ActorsOptions options = new() { Port = 70_000, Roles = ["cook"], Join = ["nowhere"], SaveGroupMax = 0 };

        ValidateOptionsResult result = new ActorsOptions.Validator().Validate(null, options);

        Assert.True(result.Failed);
        Assert.Equal(5, result.Failures.Count());
        Assert.Contains("'nowhere' in join is not HOST:PORT", result.FailureMessage, StringComparison.Ordinal);
    }
}

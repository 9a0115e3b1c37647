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
    public void A_node_may_listen_elsewhere_than_where_others_reach_it()
    {
        Config own = HoconFiles.Load(new ActorsOptions { Host = "node-1.example", Port = 4053 });
        Config apart = HoconFiles.Load(new ActorsOptions { Host = "node-1.example", BindHost = "0.0.0.0", Port = 4053 });

        Assert.Equal("node-1.example", own.GetString("akka.remote.dot-netty.tcp.hostname"));
        Assert.Equal("0.0.0.0", apart.GetString("akka.remote.dot-netty.tcp.hostname"));
        Assert.Equal("node-1.example", apart.GetString("akka.remote.dot-netty.tcp.public-hostname"));
    }

    [Fact]
    public void Of_three_nodes_two_are_enough_to_place_shards()
    {
        Config config = HoconFiles.Load(new ActorsOptions { NodesMin = 3, Port = 4053 });

        Assert.Equal(3, config.GetInt("akka.cluster.min-nr-of-members"));
        Assert.Equal(0, config.GetInt("akka.cluster.sharding.coordinator-state.write-majority-plus"));
        Assert.Equal(0, config.GetInt("akka.cluster.sharding.coordinator-state.read-majority-plus"));
        Assert.Equal(2, config.GetInt("akka.cluster.sharding.distributed-data.majority-min-cap"));
    }

    [Fact]
    public void A_region_has_time_to_hand_its_shards_over()
    {
        Config config = HoconFiles.Load(new ActorsOptions { Port = 4053 });

        Assert.True(
            config.GetTimeSpan("akka.coordinated-shutdown.phases.cluster-sharding-shutdown-region.timeout")
            > config.GetTimeSpan("akka.cluster.sharding.handoff-timeout"));
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

using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Cli.Play;

/// <summary>Data for the page about the simulated shop.</summary>
internal sealed record ShopBody(IReadOnlyList<FeaturedShopper> Shoppers, IReadOnlyList<string> Categories);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ShopBody))]
internal sealed partial class ShopJsonContext : JsonSerializerContext;

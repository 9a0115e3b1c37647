using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Cli.Play;

/// <summary>The data about the simulated shop for the page.</summary>
internal sealed record ShopBody(IReadOnlyList<FeaturedShopper> Shoppers, IReadOnlyList<string> Categories);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ShopBody))]
internal sealed partial class ShopJsonContext : JsonSerializerContext;

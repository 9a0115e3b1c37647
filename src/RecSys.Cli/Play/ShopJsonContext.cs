using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Cli.Play;

/// <summary>What the page needs to know of the shop that is played.</summary>
internal sealed record ShopBody(IReadOnlyList<FeaturedShopper> Shoppers, IReadOnlyList<string> Categories);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(ShopBody))]
internal sealed partial class ShopJsonContext : JsonSerializerContext;

using System.Globalization;
using Xunit;

namespace RecSys.Core.Tests;

public sealed class InteractionTypesTests
{
    private const string RatingWeight = "4 · (value − 2) / 2, value 1 to 5";

    [Fact]
    public void The_page_of_concepts_has_a_row_for_each_default_type_with_its_weight_kind_and_rule()
    {
        string[] rows = [.. File.ReadLines(Page()).Where(line => line.StartsWith("| `", StringComparison.Ordinal))];

        Assert.Equal(InteractionTypes.Default.All.Select(RowOf), rows);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3.5)]
    [InlineData(5)]
    public void A_rating_weighs_by_the_formula_of_that_page(double value) =>
        Assert.Equal((float)(4 * (value - 2) / 2), InteractionTypes.Default.WeightOf("rating", value));

    private static string RowOf(InteractionType type)
    {
        string weight = type.Kind == InteractionKind.Rating ? RatingWeight : type.Weight.ToString(CultureInfo.InvariantCulture).Replace('-', '−');
        string replaces = type.Kind switch
        {
            InteractionKind.Like or InteractionKind.Dislike or InteractionKind.Rating or InteractionKind.Hide => "opinion",
            InteractionKind.AddToCart or InteractionKind.RemoveFromCart => "cart",
            _ => "–",
        };
        string rule = type.SeenRule switch
        {
            SeenRule.Exclude => "left out",
            SeenRule.Demote => "demoted",
            _ => "allowed",
        };
        return $"| `{type.Name}` | {weight} | {replaces} | {(AddsUp(type) ? "add up" : "count once")} | {rule} |";
    }

    private static bool AddsUp(InteractionType type)
    {
        float[] weights = [1, 1];
        ActRule.Settle([7, 7], [type.Kind, type.Kind], weights, new bool[2]);
        return weights is [1, 1];
    }

    private static string Page()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RecSys.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "docs", "concepts.md");
    }
}

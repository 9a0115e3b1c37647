namespace RecSys.Eng.Mutations;

/// <summary>One line of the code made wrong, and the fast tests that must notice.</summary>
/// <param name="Law">What the line is for.</param>
/// <param name="File">The file, from the checkout's root.</param>
/// <param name="Before">A text that stands exactly once in the file.</param>
/// <param name="After">What takes its place; it must compile.</param>
/// <param name="Tests">The test project whose fast tests must fail.</param>
/// <param name="First">The class of tests that is run first; the rest is run if it does not notice.</param>
/// <param name="Why">What a user would lose.</param>
internal sealed record Mutation(string Law, string File, string Before, string After, string Tests, string First, string Why)
{
    /// <summary>Says why the mutation cannot be applied to a text; null if it can.</summary>
    public string? Misfit(string text)
    {
        int first = text.IndexOf(Before, StringComparison.Ordinal);
        return first < 0 ? "the text before is not in the file"
            : text.IndexOf(Before, first + 1, StringComparison.Ordinal) >= 0 ? "the text before is in the file more than once"
            : null;
    }
}

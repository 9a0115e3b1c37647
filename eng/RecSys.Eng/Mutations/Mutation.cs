namespace RecSys.Eng.Mutations;

/// <summary>A line of the code that is made wrong, and the fast tests that must notice.</summary>
/// <param name="Law">The promise that the line keeps.</param>
/// <param name="File">The file, from the checkout's root.</param>
/// <param name="Before">A text that occurs exactly once in the file.</param>
/// <param name="After">Its replacement, which must compile.</param>
/// <param name="Tests">The test project whose fast tests must fail.</param>
/// <param name="First">The class of tests that is run first; the rest is run if it does not notice.</param>
/// <param name="Why">The loss to a user.</param>
internal sealed record Mutation(string Law, string File, string Before, string After, string Tests, string First, string Why)
{
    /// <summary>Returns why the mutation cannot be applied to a text; null if it can.</summary>
    public string? Misfit(string text)
    {
        int first = text.IndexOf(Before, StringComparison.Ordinal);
        return first < 0 ? "the text before is not in the file"
            : text.IndexOf(Before, first + 1, StringComparison.Ordinal) >= 0 ? "the text before is in the file more than once"
            : null;
    }
}

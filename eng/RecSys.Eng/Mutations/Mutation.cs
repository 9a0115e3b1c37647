namespace RecSys.Eng.Mutations;

/// <summary>A change that makes a line of the code wrong, and the fast tests that must then fail.</summary>
/// <param name="Rule">The guarantee that the line is needed for.</param>
/// <param name="File">The file, from the checkout's root.</param>
/// <param name="Before">A text that occurs exactly once in the file.</param>
/// <param name="After">Its replacement, which must compile.</param>
/// <param name="Tests">The test project whose fast tests must fail.</param>
/// <param name="First">The class of tests that is run first; the others run if none of it fails.</param>
/// <param name="Why">What goes wrong with the wrong line.</param>
internal sealed record Mutation(string Rule, string File, string Before, string After, string Tests, string First, string Why)
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

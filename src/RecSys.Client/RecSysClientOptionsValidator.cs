using Microsoft.Extensions.Options;

namespace RecSys.Client;

/// <summary>Checks that options are within their ranges; a message has the name, the range and, except for the API key, the value of the option.</summary>
internal sealed class RecSysClientOptionsValidator : IValidateOptions<RecSysClientOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RecSysClientOptions options)
    {
        List<string> failures = [];
        if (options.BaseAddress is not { IsAbsoluteUri: true, Scheme: "http" or "https", Query: "", Fragment: "" })
        {
            failures.Add(
                $"{nameof(options.BaseAddress)} must be an absolute http or https URI without query and fragment, "
                + $"but is \"{options.BaseAddress}\"");
        }

        if (options.ApiKey is { } key && (key.Length == 0 || !key.All(IsVisible)))
        {
            failures.Add($"{nameof(options.ApiKey)} must be visible ASCII characters"); // the value is a secret and is not shown
        }

        if (options.Timeout < RecSysClientOptions.TimeoutMin || options.Timeout > RecSysClientOptions.TimeoutMax)
        {
            failures.Add($"{nameof(options.Timeout)} must be 1 ms to 1 h, but is {options.Timeout}");
        }

        if (options.RetriesMax is < 0 or > RecSysClientOptions.RetriesLimit)
        {
            failures.Add(
                $"{nameof(options.RetriesMax)} must be 0 to {RecSysClientOptions.RetriesLimit}, "
                + $"but is {options.RetriesMax}");
        }

        return failures.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    /// <summary>Throws if an option is out of its range.</summary>
    /// <exception cref="OptionsValidationException">An option is out of its range.</exception>
    public static void ThrowIfInvalid(RecSysClientOptions options)
    {
        ValidateOptionsResult result = new RecSysClientOptionsValidator().Validate(name: null, options);
        if (result.Failed)
        {
            throw new OptionsValidationException(
                Options.DefaultName, typeof(RecSysClientOptions), result.Failures);
        }
    }

    private static bool IsVisible(char character) => character is > ' ' and <= '~';
}

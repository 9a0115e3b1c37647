using System.ComponentModel.DataAnnotations;

namespace RecSys.Sqlite.Storage;

/// <summary>Validates options by the validation attributes of their properties.</summary>
internal static class OptionsCheck
{
    public static TOptions Checked<TOptions>(this TOptions options)
        where TOptions : class
    {
        ArgumentNullException.ThrowIfNull(options);
        List<ValidationResult> problems = [];
        if (!Validator.TryValidateObject(options, new ValidationContext(options), problems, validateAllProperties: true))
        {
            throw new ArgumentException(string.Join("; ", problems.Select(problem => problem.ErrorMessage)), nameof(options));
        }

        return options;
    }
}

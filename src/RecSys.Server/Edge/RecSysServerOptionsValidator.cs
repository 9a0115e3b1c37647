using Microsoft.Extensions.Options;

namespace RecSys.Server.Edge;

/// <summary>Validates rules that the range attributes of the options do not cover.</summary>
internal sealed class RecSysServerOptionsValidator : IValidateOptions<RecSysServerOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, RecSysServerOptions options)
    {
        List<string> problems = [];
        if (options.ApiKeys.Count > RecSysServerOptions.ApiKeysMax)
        {
            problems.Add($"{RecSysServerOptions.Section}:apiKeys has {options.ApiKeys.Count} keys; at most {RecSysServerOptions.ApiKeysMax} are allowed");
        }

        for (int index = 0; index < options.ApiKeys.Count; index++)
        {
            ApiKeyOptions key = options.ApiKeys[index];
            string path = $"{RecSysServerOptions.Section}:apiKeys:{index}";
            if (key.Key.Length is < ApiKeyOptions.LengthMin or > ApiKeyOptions.LengthMax)
            {
                problems.Add($"{path}:key has {key.Key.Length} characters; {ApiKeyOptions.LengthMin} to {ApiKeyOptions.LengthMax} are allowed");
            }

            if (key.Roles.Count == 0)
            {
                problems.Add($"{path}:roles is empty; set read, write or admin");
            }

            problems.AddRange(key.Roles
                .Where(role => ApiKeys.RoleOf(role) is null)
                .Select(role => $"{path}:roles has '{role}'; read, write and admin are allowed"));
        }

        problems.AddRange(options.CorsOrigins
            .Where(origin => !Uri.TryCreate(origin, UriKind.Absolute, out Uri? uri) || uri.GetLeftPart(UriPartial.Authority) != origin)
            .Select(origin => $"{RecSysServerOptions.Section}:corsOrigins has '{origin}', which is not an origin such as https://shop.example"));

        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }
}

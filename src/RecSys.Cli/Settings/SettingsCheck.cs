using System.ComponentModel.DataAnnotations;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.EnvironmentVariables;

namespace RecSys.Cli.Settings;

/// <summary>Checks all settings, and refuses unknown names and values of the wrong kind or outside their range.</summary>
internal static class SettingsCheck
{
    /// <summary>The largest number of characters by which a name may differ to count as misspelt.</summary>
    private const int TypingErrorsMax = 3;

    /// <summary>The largest number of characters by which the root section's name may differ to count as misspelt.</summary>
    private const int RootErrorsMax = 2;

    /// <summary>Checks the configuration.</summary>
    /// <exception cref="CommandException">A setting is invalid; the message names it, its value, its source and the accepted values.</exception>
    public static void Require(IConfiguration configuration)
    {
        foreach (IConfigurationSection section in configuration.GetChildren())
        {
            if (!Same(section.Key, SettingsSchema.Root)
                && section.GetChildren().Any()
                && Distance(section.Key, SettingsSchema.Root) <= RootErrorsMax)
            {
                throw Refused(configuration, section, $"is unknown; did you mean {SettingsSchema.Root}?");
            }
        }

        RequireIn(configuration, configuration.GetSection(SettingsSchema.Root));
    }

    // The section is between the root and the sections that are bound to a class.
    private static void RequireIn(IConfiguration configuration, IConfigurationSection parent)
    {
        RequireSection(configuration, parent);
        foreach (IConfigurationSection child in parent.GetChildren())
        {
            (string section, Type? options) = SettingsSchema.Sections.FirstOrDefault(known => Same(known.Section, child.Path));
            if (options is not null)
            {
                RequireOf(configuration, child, options, range: null);
            }
            else if (SettingsSchema.Sections.Any(known => known.Section.StartsWith(child.Path + ":", StringComparison.OrdinalIgnoreCase)))
            {
                RequireIn(configuration, child);
            }
            else
            {
                int depth = parent.Path.Split(':').Length;
                throw Unknown(configuration, child, SettingsSchema.Sections
                    .Where(known => known.Section.StartsWith(parent.Path + ":", StringComparison.OrdinalIgnoreCase))
                    .Select(known => known.Section.Split(':')[depth]).Distinct());
            }
        }
    }

    private static void RequireOf(IConfiguration configuration, IConfigurationSection section, Type type, RangeAttribute? range)
    {
        if (SettingsSchema.IsValue(type))
        {
            if (section.GetChildren().Any())
            {
                throw Refused(configuration, section, "must be one value, but is a section");
            }

            if (section.Value is { } text && SettingsSchema.Refusal(text, type, range) is { } problem)
            {
                throw Refused(configuration, section, problem);
            }

            return;
        }

        RequireSection(configuration, section);
        if (type == typeof(Dictionary<string, string>))
        {
            foreach (IConfigurationSection child in section.GetChildren())
            {
                RequireOf(configuration, child, typeof(string), range: null);
            }

            return;
        }

        if (SettingsSchema.ElementOf(type) is { } element)
        {
            foreach (IConfigurationSection child in section.GetChildren())
            {
                if (!int.TryParse(child.Key, out _))
                {
                    throw Refused(configuration, child, $"is not an index of a list; {section.Path}:0 is the first");
                }

                RequireOf(configuration, child, element, range: null);
            }

            return;
        }

        (string Name, PropertyInfo Property)[] known = [.. SettingsSchema.SettingsOf(type)];
        foreach (IConfigurationSection child in section.GetChildren())
        {
            (string _, PropertyInfo? property) = known.FirstOrDefault(setting => Same(setting.Name, child.Key));
            if (property is null)
            {
                throw Unknown(configuration, child, known.Select(setting => setting.Name));
            }

            RequireOf(configuration, child, property.PropertyType, property.GetCustomAttribute<RangeAttribute>());
        }
    }

    private static void RequireSection(IConfiguration configuration, IConfigurationSection section)
    {
        if (section.Value is { Length: > 0 })
        {
            throw Refused(configuration, section, "must be a section, but is one value");
        }
    }

    private static CommandException Unknown(IConfiguration configuration, IConfigurationSection section, IEnumerable<string> known)
    {
        string[] names = [.. known];
        string nearest = names.MinBy(name => Distance(name, section.Key))!;
        string parent = section.Path[..^(section.Key.Length + 1)];
        return Refused(configuration, section, Distance(nearest, section.Key) <= TypingErrorsMax
            ? $"is unknown; did you mean {parent}:{nearest}?"
            : $"is unknown; {parent} has {string.Join(", ", names)}");
    }

    private static CommandException Refused(IConfiguration configuration, IConfigurationSection section, string problem)
    {
        string value = section.Value is { } text && !Array.Exists(["key", "password", "secret"], word => section.Key.Contains(word, StringComparison.OrdinalIgnoreCase))
            ? $" is '{text}', which"
            : "";
        string line = value.Length > 0 && problem.StartsWith("is ", StringComparison.Ordinal)
            ? $"{section.Path} {problem}" // an unknown name: its value does not matter
            : problem.Contains("are allowed", StringComparison.Ordinal)
                ? $"{section.Path} is '{section.Value}'; {problem}"
                : $"{section.Path}{value} {problem}";
        return new CommandException($"{line} ({SourceOf(configuration, section)})", ExitCodes.WrongUsage);
    }

    private static string SourceOf(IConfiguration configuration, IConfigurationSection section)
    {
        IEnumerable<IConfigurationProvider> providers = ((IConfigurationRoot)configuration).Providers.Reverse();
        return providers.FirstOrDefault(provider => provider.TryGet(section.Path, out _) || provider.GetChildKeys([], section.Path).Any()) switch
        {
            FileConfigurationProvider file => file.Source.FileProvider?.GetFileInfo(file.Source.Path ?? "").PhysicalPath ?? file.Source.Path ?? "a file",
            EnvironmentVariablesConfigurationProvider => $"environment variable {section.Path.Replace(":", "__", StringComparison.Ordinal)}",
            _ => "command",
        };
    }

    private static bool Same(string one, string other) => one.Equals(other, StringComparison.OrdinalIgnoreCase);

    /// <summary>Returns the Levenshtein distance of two names, ignoring case.</summary>
    internal static int Distance(string one, string other)
    {
        int[] above = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int[] row = new int[other.Length + 1];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int change = char.ToLowerInvariant(one[i - 1]) == char.ToLowerInvariant(other[j - 1]) ? 0 : 1;
                row[j] = Math.Min(Math.Min(above[j], row[j - 1]) + 1, above[j - 1] + change);
            }

            above = row;
        }

        return above[^1];
    }
}

using System.Collections;
using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Configuration;
using RecSys.Client;

namespace RecSys.Server.Settings;

/// <summary>The effective settings: the values of the options classes, with secrets masked, and the provider of each.</summary>
internal sealed class EffectiveSettings(IEnumerable<ReportedOptions> reported, IConfiguration configuration)
{
    private const string Mask = "(masked)";
    private const string Product = "RecSys";
    private static readonly string[] SecretWords = ["key", "secret", "password", "token", "connectionstring", "credential"];

    /// <summary>Returns the effective settings.</summary>
    public IReadOnlyList<SettingEntry> Read()
    {
        List<SettingEntry> entries = [];
        foreach (ReportedOptions options in reported)
        {
            Add(entries, options.Section, options.Get());
        }

        return [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
    }

    private void Add(List<SettingEntry> entries, string section, object options)
    {
        foreach (PropertyInfo property in options.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (!property.CanRead || property.GetIndexParameters().Length > 0 || typeof(Delegate).IsAssignableFrom(property.PropertyType))
            {
                continue;
            }

            string name = $"{section}:{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}";
            object? value = property.GetValue(options);
            bool isSecret = Array.Exists(SecretWords, word => property.Name.Contains(word, StringComparison.OrdinalIgnoreCase))
                && property.PropertyType.IsAssignableTo(typeof(string));
            if (value is not null && IsNested(value.GetType()))
            {
                Add(entries, name, value);
                continue;
            }

            if (value is null or string || value is not IEnumerable list)
            {
                entries.Add(new SettingEntry { Name = name, Value = isSecret && value is not null ? Mask : TextOf(value), Source = SourceOf(name) });
                continue;
            }

            int index = 0;
            foreach (object? element in list)
            {
                string path = string.Create(CultureInfo.InvariantCulture, $"{name}:{index++}");
                if (element is not null && IsNested(element.GetType()))
                {
                    Add(entries, path, element);
                }
                else
                {
                    entries.Add(new SettingEntry { Name = path, Value = TextOf(element), Source = SourceOf(path) });
                }
            }
        }
    }

    /// <summary>Returns whether a value is an options object of this application, with its own settings.</summary>
    private static bool IsNested(Type type) =>
        type is { IsClass: true, Namespace: { } space } && (space == Product || space.StartsWith(Product + ".", StringComparison.Ordinal));

    private static string? TextOf(object? value) =>
        value is IFormattable formattable ? formattable.ToString(null, CultureInfo.InvariantCulture) : value?.ToString();

    private string SourceOf(string name)
    {
        if (configuration is IConfigurationRoot root)
        {
            foreach (IConfigurationProvider provider in root.Providers.Reverse())
            {
                if (provider.TryGet(name, out _) || provider.GetChildKeys([], name).Any())
                {
                    return provider is FileConfigurationProvider { Source.Path: { } path } ? path
                        : provider.GetType().Name.Replace("ConfigurationProvider", "", StringComparison.Ordinal);
                }
            }
        }

        return "default";
    }
}

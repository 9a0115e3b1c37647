using System.Collections;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using RecSys.Cli.Settings;
using Xunit;

namespace RecSys.Cli.Tests.Settings;

/// <summary>docs/guides/settings.md is written from the options classes: RECSYS_WRITE_GUIDES=1 writes the file.</summary>
public sealed partial class SettingsGuideTests
{
    [Fact]
    public void The_guide_lists_every_setting_with_the_documentation_of_its_class()
    {
        string path = Path.Combine(Root(), "docs", "guides", "settings.md");
        string guide = Guide();
        if (Environment.GetEnvironmentVariable("RECSYS_WRITE_GUIDES") == "1")
        {
            File.WriteAllText(path, guide);
        }

        Assert.True(File.ReadAllText(path) == guide, $"{path} differs from the documentation of the options classes; run this test with RECSYS_WRITE_GUIDES=1");
    }

    private static string Guide()
    {
        StringBuilder text = new("""
            # Settings

            All settings, their units, ranges and defaults. [running.md](running.md) describes where to set them. The server refuses a name that is not listed. Times are written `hours:minutes:seconds`, such as `00:00:01.500`, or with days first, such as `7.00:00:00`.

            `SettingsGuideTests` generates this page from the documentation of the options classes (`RECSYS_WRITE_GUIDES=1`).

            """);
        foreach ((string section, Type options) in SettingsSchema.Sections)
        {
            Type element = SettingsSchema.ElementOf(options) ?? options;
            text.Append(CultureInfo.InvariantCulture, $"\n## `{section}`{(element == options ? "" : ", a list")}\n\n| setting | what it sets | value |\n|---|---|---|\n");
            Rows(text, "", element, Activator.CreateInstance(element)!);
        }

        return text.ToString();
    }

    private static void Rows(StringBuilder text, string prefix, Type options, object defaults)
    {
        foreach ((string name, PropertyInfo property) in SettingsSchema.SettingsOf(options))
        {
            Type? element = SettingsSchema.ElementOf(property.PropertyType);
            if (element is null && !SettingsSchema.IsValue(property.PropertyType))
            {
                Rows(text, $"{prefix}{name}:", property.PropertyType, property.GetValue(defaults)!);
            }
            else if (element is not null && !SettingsSchema.IsValue(element))
            {
                Rows(text, $"{prefix}{name}:0:", element, Activator.CreateInstance(element)!);
            }
            else
            {
                (string summary, string value) = DocumentationOf(property);
                text.Append(CultureInfo.InvariantCulture, $"| `{prefix}{name}` | {summary} | {(value.Length > 0 ? value : DefaultOf(property, defaults))} |\n");
            }
        }
    }

    private static string DefaultOf(PropertyInfo property, object defaults) =>
        property.GetValue(defaults) switch
        {
            null => "none",
            string text => text,
            IEnumerable => "a list",
            object value => $"the default is {Convert.ToString(value, CultureInfo.InvariantCulture)}",
        } + (property.GetCustomAttribute<RangeAttribute>() is { } range ? $"; {range.Minimum} to {range.Maximum}" : "");

    private static (string Summary, string Value) DocumentationOf(PropertyInfo property)
    {
        string name = $"P:{property.DeclaringType!.FullName}.{property.Name}";
        string assembly = property.DeclaringType.Assembly.GetName().Name!;
        ILookup<string?, XElement> members = XDocument.Load(Path.Combine(AppContext.BaseDirectory, assembly + ".xml"))
            .Descendants("member").ToLookup(member => member.Attribute("name")?.Value);
        XElement? member = members[name].FirstOrDefault();
        if (member is null)
        {
            XElement? parameter = members[$"T:{property.DeclaringType.FullName}"].Elements("param").FirstOrDefault(element => element.Attribute("name")?.Value == property.Name);
            Assert.True(parameter is not null, $"{name} is not documented");
            return (TextOf(parameter), "");
        }

        string summary = TextOf(member.Element("summary"));
        return (GetsOrSets().Replace(summary, match => match.Groups[1].Value.ToUpperInvariant()), TextOf(member.Element("value")));
    }

    private static string TextOf(XElement? element) => element is null ? "" : Spaces().Replace(
        string.Concat(element.Nodes().Select(node => node switch
        {
            XElement { Name.LocalName: "see" } see => $"`{see.Attribute("cref")?.Value.Split('.')[^1]}`",
            XElement inner => $"`{inner.Value}`",
            _ => node.ToString().Replace("&lt;", "<", StringComparison.Ordinal).Replace("&gt;", ">", StringComparison.Ordinal),
        })), " ").Trim().Replace("|", "\\|", StringComparison.Ordinal);

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "RecSys.sln")))
        {
            folder = folder.Parent;
        }

        return folder!.FullName;
    }

    [GeneratedRegex("^Gets (?:or sets )?(.)")]
    private static partial Regex GetsOrSets();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

using System.Collections.Frozen;
using System.Text;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace RecSys.Server.OpenApi;

/// <summary>Descriptions of fields from the XML documentation of the client's bodies.</summary>
internal sealed partial class FieldTexts
{
    private const string Resource = "RecSys.Client.xml";
    private readonly FrozenDictionary<string, string> _byMember;

    private FieldTexts(FrozenDictionary<string, string> byMember) => _byMember = byMember;

    /// <summary>Reads the embedded documentation.</summary>
    public static FieldTexts Read()
    {
        using Stream stream = typeof(FieldTexts).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the resource {Resource} is not embedded");
        return new FieldTexts(XDocument.Load(stream).Descendants("member")
            .Select(member => (Name: member.Attribute("name")!.Value, Text: TextOf(member)))
            .Where(member => member.Name.StartsWith("P:", StringComparison.Ordinal) && member.Text.Length > 0)
            .ToFrozenDictionary(member => member.Name, member => member.Text, StringComparer.Ordinal));
    }

    /// <summary>Returns the description of a field, or null.</summary>
    public string? Of(JsonPropertyInfo property) =>
        _byMember.GetValueOrDefault($"P:{property.DeclaringType.FullName}.{char.ToUpperInvariant(property.Name[0])}{property.Name[1..]}");

    private static string TextOf(XElement member)
    {
        string summary = Getting().Replace(Flat(member.Element("summary")), "");
        string value = Flat(member.Element("value"));
        summary = summary.Length == 0 ? "" : char.ToUpperInvariant(summary[0]) + summary[1..];
        return value.Length == 0 ? summary : $"{summary} {char.ToUpperInvariant(value[0])}{value[1..]}";
    }

    private static string Flat(XElement? element)
    {
        StringBuilder text = new();
        foreach (XNode node in element?.DescendantNodes() ?? [])
        {
            if (node is XText part)
            {
                text.Append(part.Value);
            }
            else if (node is XElement { IsEmpty: true } reference && (reference.Attribute("cref") ?? reference.Attribute("langword"))?.Value is { } name)
            {
                string last = name[(name.LastIndexOf('.') + 1)..];
                text.Append(char.ToLowerInvariant(last[0])).Append(last.AsSpan(1));
            }
        }

        return Spaces().Replace(text.ToString(), " ").Trim();
    }

    [GeneratedRegex(@"^Gets (or sets )?(a value indicating )?")]
    private static partial Regex Getting();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

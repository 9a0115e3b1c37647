using System.Collections;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Globalization;
using System.Reflection;
using RecSys.Actors;
using RecSys.Batch;
using RecSys.Files;
using RecSys.Kafka;
using RecSys.Postgres;
using RecSys.Server;
using RecSys.Serving;
using RecSys.Speed;
using RecSys.Sqlite;

namespace RecSys.Cli.Settings;

/// <summary>Every setting of the program that can be configured, read from the options classes; other names are refused.</summary>
internal static class SettingsSchema
{
    /// <summary>The section that contains all others.</summary>
    public const string Root = "recsys";

    /// <summary>The section of the interaction types.</summary>
    public const string InteractionTypes = "recsys:interactionTypes";

    /// <summary>Gets the sections, and the class that each is bound to.</summary>
    public static IReadOnlyList<(string Section, Type Options)> Sections { get; } =
    [
        (RecSysServerOptions.Section, typeof(RecSysServerOptions)),
        (ServingOptions.Section, typeof(ServingOptions)),
        (SpeedOptions.Section, typeof(SpeedOptions)),
        (BatchOptions.Section, typeof(BatchOptions)),
        (ActorsOptions.Section, typeof(ActorsOptions)),
        (SqliteLogOptions.Section, typeof(SqliteLogOptions)),
        (SqliteSnapshotOptions.Section, typeof(SqliteSnapshotOptions)),
        (SqliteImpressionOptions.Section, typeof(SqliteImpressionOptions)),
        (PostgresOptions.Section, typeof(PostgresOptions)),
        (KafkaLogOptions.Section, typeof(KafkaLogOptions)),
        (JobResultOptions.Section, typeof(JobResultOptions)),
        (InteractionTypes, typeof(List<InteractionTypeOptions>)),
    ];

    /// <summary>Returns the settings of an options class: their names, as in appsettings.json, and their properties.</summary>
    public static IEnumerable<(string Name, PropertyInfo Property)> SettingsOf(Type options) =>
        options.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Where(property => property.GetIndexParameters().Length == 0
                && !typeof(Delegate).IsAssignableFrom(property.PropertyType)
                && (property.SetMethod?.IsPublic == true || ElementOf(property.PropertyType) is not null))
            .Select(property => ($"{char.ToLowerInvariant(property.Name[0])}{property.Name[1..]}", property));

    /// <summary>Returns the type of a list's elements, or null if a type is not a list.</summary>
    public static Type? ElementOf(Type type) =>
        type != typeof(string) && type.IsGenericType && typeof(IEnumerable).IsAssignableFrom(type) ? type.GetGenericArguments()[0] : null;

    /// <summary>Returns whether a setting of a type is one value, not a section.</summary>
    public static bool IsValue(Type type) => TypeDescriptor.GetConverter(Nullable.GetUnderlyingType(type) ?? type).CanConvertFrom(typeof(string));

    /// <summary>Returns the accepted values if a text is not a value of a type or is out of range; otherwise null.</summary>
    public static string? Refusal(string text, Type type, RangeAttribute? range)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        object? value;
        try
        {
            value = TypeDescriptor.GetConverter(plain).ConvertFromInvariantString(text);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException or NotSupportedException)
        {
            return $"must be {KindOf(plain)}";
        }

        return range is null || range.IsValid(value) ? null : $"{TextOf(range.Minimum)} to {TextOf(range.Maximum)} are allowed";
    }

    private static string TextOf(object value) => Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string KindOf(Type type) =>
        type == typeof(bool) ? "true or false"
        : type == typeof(TimeSpan) ? "a time such as 00:00:01.500 (hours, minutes, seconds) or 7.00:00:00 (days first)"
        : type.IsEnum ? $"one of {string.Join(", ", Enum.GetNames(type))}"
        : type == typeof(int) || type == typeof(long) ? "a whole number"
        : type == typeof(uint) || type == typeof(ulong) ? "a whole number, not below 0"
        : type == typeof(double) || type == typeof(float) ? "a number, with a point before its decimals"
        : $"a {type.Name}";
}

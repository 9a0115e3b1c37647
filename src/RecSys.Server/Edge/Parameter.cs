using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using RecSys.Core;
using RecSys.Core.Log;
using RecSys.Server.Bodies;

namespace RecSys.Server.Edge;

/// <summary>A parameter of a query: its name, description and rule, for the check of requests and for the API's description.</summary>
/// <param name="Name">Name; one that ends in a dot matches all names with that prefix.</param>
/// <param name="Description">Description for the API documentation.</param>
internal abstract record Parameter(string Name, string Description)
{
    /// <summary>Gets whether the parameter may be given more than once.</summary>
    public bool IsRepeated { get; init; }

    /// <summary>Gets the JSON Schema of a value.</summary>
    public abstract JsonObject Schema { get; }

    /// <summary>Returns the problem of a value, or null.</summary>
    public abstract string? Check(string value);
}

/// <summary>A whole number.</summary>
internal sealed record WholeParameter(string Name, string Description, int Min, int Max, int Default) : Parameter(Name, Description)
{
    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "integer", ["minimum"] = Min, ["maximum"] = Max, ["default"] = Default };

    /// <inheritdoc/>
    public override string? Check(string value) =>
        TryRead(value, out int number) && number >= Min && number <= Max ? null : $"must be a whole number from {Min} to {Max}";

    /// <summary>Reads a checked value.</summary>
    public int Read(string? value) => value is not null && TryRead(value, out int number) ? number : Default;

    private static bool TryRead(string value, out int number) =>
        int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
        && !value.Contains('\0', StringComparison.Ordinal); // .NET ignores a trailing U+0000
}

/// <summary>A finite number.</summary>
internal sealed record NumberParameter(string Name, string Description, double Min, double Max) : Parameter(Name, Description)
{
    /// <inheritdoc/>
    public override JsonObject Schema =>
        Min > double.MinValue ? new() { ["type"] = "number", ["minimum"] = Min, ["maximum"] = Max } : new() { ["type"] = "number" };

    /// <inheritdoc/>
    public override string? Check(string value) =>
        !TryRead(value, out double number) || !double.IsFinite(number) ? "must be a finite number"
        : number < Min || number > Max ? string.Create(CultureInfo.InvariantCulture, $"must be a number from {Min} to {Max}")
        : null;

    /// <summary>Reads a checked value.</summary>
    public static double? Read(string? value) => value is not null && TryRead(value, out double number) ? number : null;

    private static bool TryRead(string value, out double number) =>
        double.TryParse(value, NumberStyles.Float & ~(NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite), CultureInfo.InvariantCulture, out number)
        && !value.Contains('\0', StringComparison.Ordinal); // .NET ignores a trailing U+0000
}

/// <summary>A text that is not empty.</summary>
internal sealed record TextParameter(string Name, string Description, int BytesMax) : Parameter(Name, Description)
{
    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = BytesMax };

    /// <inheritdoc/>
    public override string? Check(string value) =>
        value.Length == 0 ? "must not be empty"
        : Encoding.UTF8.GetByteCount(value) is int bytes && bytes > BytesMax ? $"has {bytes} bytes of UTF-8; at most {BytesMax} are allowed"
        : null;
}

/// <summary>An id.</summary>
internal sealed record IdParameter(string Name, string Description) : Parameter(Name, Description)
{
    /// <summary>Gets the schema of every id.</summary>
    public static JsonObject IdSchema => new() { ["type"] = "string", ["minLength"] = 1, ["maxLength"] = Limits.IdBytesMax };

    /// <inheritdoc/>
    public override JsonObject Schema => IdSchema;

    /// <inheritdoc/>
    public override string? Check(string value) => IdText.Problem(value);
}

/// <summary>One of a few words.</summary>
/// <param name="Name">Name.</param>
/// <param name="Description">Description for the API documentation.</param>
/// <param name="Words">Allowed values.</param>
/// <param name="Default">The value of an absent parameter, or null if there is none.</param>
internal sealed record ChoiceParameter(string Name, string Description, string[] Words, string? Default) : Parameter(Name, Description)
{
    /// <inheritdoc/>
    public override JsonObject Schema
    {
        get
        {
            JsonObject schema = new() { ["type"] = "string", ["enum"] = new JsonArray([.. Words.Select(word => (JsonNode)word)]) };
            if (Default is not null)
            {
                schema["default"] = Default;
            }

            return schema;
        }
    }

    /// <inheritdoc/>
    public override string? Check(string value) =>
        Words.Contains(value, StringComparer.Ordinal) ? null : $"must be one of {string.Join(", ", Words)}";
}

/// <summary>A position of the log.</summary>
internal sealed record PositionParameter(string Name, string Description) : Parameter(Name, Description)
{
    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "string" };

    /// <inheritdoc/>
    public override string? Check(string value) =>
        LogPosition.TryParse(value, out _) ? null : "must be a position from the answer to a write";
}

/// <summary>A time.</summary>
internal sealed record TimeParameter(string Name, string Description) : Parameter(Name, Description)
{
    /// <inheritdoc/>
    public override JsonObject Schema => new() { ["type"] = "string", ["format"] = "date-time" };

    /// <inheritdoc/>
    public override string? Check(string value) =>
        Rfc3339.TryParse(value, out _) ? null : "must be a time in the format of RFC 3339 with an offset, such as 2026-01-31T23:59:59Z";
}

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using RecSys.Client;
using RecSys.Server.Edge;

namespace RecSys.Server.OpenApi;

/// <summary>Describes the routes as OpenAPI 3.1, from the route table and the types of the client.</summary>
internal static class OpenApiDocument
{
    private const string Json = "application/json";
    private const string Lines = "application/x-ndjson";

    private static readonly FieldTexts Texts = FieldTexts.Read();

    private static readonly JsonSchemaExporterOptions Exporting = new()
    {
        TreatNullObliviousAsNonNullable = true,
        TransformSchemaNode = static (context, schema) =>
        {
            // Times and numbers have custom converters, which the schema exporter does not know.
            if (context.TypeInfo.Type == typeof(DateTimeOffset) || context.TypeInfo.Type == typeof(DateTimeOffset?))
            {
                schema = new JsonObject
                {
                    ["type"] = context.TypeInfo.Type == typeof(DateTimeOffset) ? "string" : new JsonArray("string", "null"),
                    ["format"] = "date-time",
                };
            }

            if (context.TypeInfo.Type == typeof(double) || context.TypeInfo.Type == typeof(double?))
            {
                schema = new JsonObject { ["type"] = context.TypeInfo.Type == typeof(double) ? "number" : new JsonArray("number", "null") };
            }

            if (schema is JsonObject field && context.PropertyInfo is { } property && Texts.Of(property) is { } text)
            {
                field["description"] = text;
            }

            return schema;
        },
    };

    /// <summary>Writes the document.</summary>
    public static byte[] Write(IEnumerable<Route> routes)
    {
        JsonObject schemas = new() { ["Problem"] = SchemaOf(typeof(ProblemBody), "Problem") };
        JsonObject paths = [];
        foreach (Route route in routes.Where(route => route.IsDescribed))
        {
            if (paths[route.Template] is not JsonObject path)
            {
                paths[route.Template] = path = [];
            }

            path[route.Method.ToLowerInvariant()] = OperationOf(route, schemas);
        }

        JsonObject document = new()
        {
            ["openapi"] = "3.1.0",
            ["info"] = new JsonObject
            {
                ["title"] = "RecSys",
                ["version"] = "1",
                ["description"] = "Recommendations that reflect each click immediately. Ids are opaque texts of 1 to 512 bytes of UTF-8, percent-encoded in a path; "
                    + "times are RFC 3339; errors are RFC 9457 and name the field and the limit. Unknown fields and parameters are refused by name.",
            },
            ["paths"] = paths,
            ["components"] = new JsonObject
            {
                ["schemas"] = schemas,
                ["securitySchemes"] = new JsonObject
                {
                    ["apiKey"] = new JsonObject { ["type"] = "apiKey", ["in"] = "header", ["name"] = "X-Api-Key" },
                },
            },
        };

        using MemoryStream bytes = new();
        using (Utf8JsonWriter writer = new(bytes, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            document.WriteTo(writer);
        }

        return bytes.ToArray();
    }

    private static JsonObject OperationOf(Route route, JsonObject schemas)
    {
        JsonObject operation = new()
        {
            ["operationId"] = route.Name,
            ["tags"] = new JsonArray(route.Tag),
            ["summary"] = route.Summary,
        };
        if (route.Description is not null)
        {
            operation["description"] = route.Description;
        }

        if (route.Role != Role.None)
        {
            operation["security"] = new JsonArray(new JsonObject { ["apiKey"] = new JsonArray(route.Role.ToString().ToLowerInvariant()) });
        }

        JsonArray parameters = [.. PathParametersOf(route), .. route.Query.Select(ParameterOf)];
        if (parameters.Count > 0)
        {
            operation["parameters"] = parameters;
        }

        if (route.Body is { } body)
        {
            operation["requestBody"] = BodyOf(body, schemas);
        }

        operation["responses"] = new JsonObject
        {
            [route.Status.ToString(CultureInfo.InvariantCulture)] = AnswerOf(route, schemas),
            ["default"] = new JsonObject
            {
                ["description"] = "A problem",
                ["content"] = new JsonObject { [ProblemBody.ContentType] = new JsonObject { ["schema"] = ReferenceTo("Problem") } },
            },
        };
        return operation;
    }

    private static IEnumerable<JsonNode> PathParametersOf(Route route) =>
        route.Template.Split('/').Where(segment => segment.StartsWith('{')).Select(segment => (JsonNode)new JsonObject
        {
            ["name"] = segment[1..segment.IndexOf('}')],
            ["in"] = "path",
            ["required"] = true,
            ["schema"] = IdParameter.IdSchema,
        });

    private static JsonNode ParameterOf(Parameter parameter)
    {
        bool isPrefix = parameter.Name.EndsWith('.');
        return new JsonObject
        {
            ["name"] = isPrefix ? parameter.Name + "NAME" : parameter.Name,
            ["in"] = "query",
            ["description"] = parameter.Description,
            ["schema"] = parameter.IsRepeated ? new JsonObject { ["type"] = "array", ["items"] = parameter.Schema } : parameter.Schema,
        };
    }

    private static JsonObject BodyOf(BodyDescription body, JsonObject schemas)
    {
        JsonObject row = AddSchema(body.Type, schemas);
        JsonObject schema = row;
        if (body.IsArray)
        {
            JsonObject rows = new()
            {
                ["type"] = "array",
                ["minItems"] = 1,
                ["maxItems"] = Core.Limits.BatchMax,
                ["items"] = row,
            };
            schema = body.IsSingle ? new JsonObject { ["oneOf"] = new JsonArray(row.DeepClone(), rows) } : rows;
        }

        JsonObject content = new() { [Json] = new JsonObject { ["schema"] = schema } };
        if (body.IsStream)
        {
            content[Lines] = new JsonObject { ["schema"] = row.DeepClone() };
        }

        return new JsonObject { ["required"] = !body.IsOptional, ["content"] = content };
    }

    private static JsonObject AnswerOf(Route route, JsonObject schemas)
    {
        JsonObject answer = new() { ["description"] = route.Status == 202 ? "Accepted" : "The answer" };
        answer["content"] = new JsonObject
        {
            [route.AnswerType] = route.Answer is { } type ? new JsonObject { ["schema"] = AddSchema(type, schemas) } : [],
        };
        return answer;
    }

    private static JsonObject AddSchema(Type type, JsonObject schemas)
    {
        string name = type.Name;
        if (!schemas.ContainsKey(name))
        {
            schemas[name] = SchemaOf(type, name);
        }

        return ReferenceTo(name);
    }

    private static JsonNode SchemaOf(Type type, string name)
    {
        JsonNode schema = RecSysJsonContext.Wire.Options.GetTypeInfo(type).GetJsonSchemaAsNode(Exporting);
        Relocate(schema, name);
        return schema;
    }

    /// <summary>Rewrites references inside a schema, which start at its root, for its place in the document.</summary>
    private static void Relocate(JsonNode? node, string name)
    {
        switch (node)
        {
            case JsonObject part:
                if (part["$ref"] is JsonValue reference && reference.GetValue<string>() is ['#', .. string rest])
                {
                    part["$ref"] = $"#/components/schemas/{name}{rest}";
                }

                foreach ((string _, JsonNode? child) in part.ToArray())
                {
                    Relocate(child, name);
                }

                break;
            case JsonArray list:
                foreach (JsonNode? child in list)
                {
                    Relocate(child, name);
                }

                break;
        }
    }

    private static JsonObject ReferenceTo(string name) => new() { ["$ref"] = $"#/components/schemas/{name}" };
}

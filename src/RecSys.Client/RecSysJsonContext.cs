using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RecSys.Client;

/// <summary>
/// Reads and writes all HTTP bodies, in client and server: camelCase, null members absent, times as RFC 3339. A null for a
/// member that requires a value, a missing member, a member given twice and, in request bodies, an unknown member is
/// refused with a <see cref="JsonException"/> that names it.
/// </summary>
/// <remarks>Elements of arrays may still be null: code that reads an array checks them.</remarks>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    AllowDuplicateProperties = false,
    Converters = [typeof(Rfc3339Converter), typeof(FiniteConverter)],
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    NumberHandling = JsonNumberHandling.Strict,
    PropertyNameCaseInsensitive = false,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(InteractionBody))]
[JsonSerializable(typeof(InteractionBody[]))]
[JsonSerializable(typeof(IReadOnlyList<InteractionBody>))]
[JsonSerializable(typeof(AcceptedResponse))]
[JsonSerializable(typeof(ErasureResponse))]
[JsonSerializable(typeof(ErasureStatusResponse))]
[JsonSerializable(typeof(UserBody))]
[JsonSerializable(typeof(UserRow))]
[JsonSerializable(typeof(UserRow[]))]
[JsonSerializable(typeof(IReadOnlyList<UserRow>))]
[JsonSerializable(typeof(UserResponse))]
[JsonSerializable(typeof(MergeBody))]
[JsonSerializable(typeof(EraseBody))]
[JsonSerializable(typeof(HistoryResponse))]
[JsonSerializable(typeof(ItemBody))]
[JsonSerializable(typeof(ItemRow))]
[JsonSerializable(typeof(ItemRow[]))]
[JsonSerializable(typeof(IReadOnlyList<ItemRow>))]
[JsonSerializable(typeof(ItemResponse))]
[JsonSerializable(typeof(ItemPage))]
[JsonSerializable(typeof(RecommendationRequest))]
[JsonSerializable(typeof(RecommendationsResponse))]
[JsonSerializable(typeof(ShelvesRequest))]
[JsonSerializable(typeof(ShelvesResponse))]
[JsonSerializable(typeof(ItemsResponse))]
[JsonSerializable(typeof(ExplanationResponse))]
[JsonSerializable(typeof(JobRequest))]
[JsonSerializable(typeof(JobResponse))]
[JsonSerializable(typeof(ModelResponse))]
[JsonSerializable(typeof(ModelPage))]
[JsonSerializable(typeof(SettingsResponse))]
[JsonSerializable(typeof(ClusterResponse))]
[JsonSerializable(typeof(PartitionsResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(StatusResponse))]
[JsonSerializable(typeof(InteractionTypesResponse))]
[JsonSerializable(typeof(RecentUsersResponse))]
[JsonSerializable(typeof(ProblemBody))]
public sealed partial class RecSysJsonContext : JsonSerializerContext
{
    /// <summary>
    /// Gets the context to use on the wire: as <see cref="Default"/>, without escapes in texts (<c>é</c>, <c>"</c>), for
    /// people to read. The JSON is not safe to paste into HTML.
    /// </summary>
    public static RecSysJsonContext Wire => field ??=
        new(new JsonSerializerOptions(Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}

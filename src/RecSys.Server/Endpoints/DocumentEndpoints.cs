using RecSys.Server.Edge;
using RecSys.Server.OpenApi;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>The API's description.</summary>
internal sealed class DocumentEndpoints : IEndpoints
{
    private byte[] _document = [];

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/openapi/v1.json", Role.None, GetAsync)
        {
            Name = "getOpenApi",
            Tag = Tags.Operations,
            Summary = "This description",
            IsDescribed = false,
        },
    ];

    /// <summary>Describes routes.</summary>
    public void Describe(IEnumerable<Route> routes) => _document = OpenApiDocument.Write(routes);

    private Task<Problem?> GetAsync(Call call) => call.AnswerAsync(_document, Call.JsonType);
}

using RecSys.Server.Edge;
using RecSys.Server.OpenApi;
using RecSys.Server.Problems;

namespace RecSys.Server.Endpoints;

/// <summary>The API's description.</summary>
internal sealed class DocumentEndpoints : IEndpoints
{
    private Lazy<byte[]> _document = new([]);

    /// <inheritdoc/>
    public IEnumerable<Route> Routes =>
    [
        new("GET", "/openapi/v1.json", Role.None, GetAsync)
        {
            Name = "getOpenApi",
            Tag = Tags.Operations,
            Summary = "Returns this description of the API",
            IsDescribed = false,
        },
    ];

    /// <summary>Sets the described routes. The description is written at the first request, so that a start does not wait for it.</summary>
    public void Describe(IEnumerable<Route> routes) => _document = new(() => OpenApiDocument.Write(routes));

    private Task<Problem?> GetAsync(Call call) => call.AnswerAsync(_document.Value, Call.JsonType);
}

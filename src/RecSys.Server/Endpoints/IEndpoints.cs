using RecSys.Server.Edge;

namespace RecSys.Server.Endpoints;

/// <summary>A group of related routes.</summary>
internal interface IEndpoints
{
    /// <summary>Gets the routes.</summary>
    IEnumerable<Route> Routes { get; }
}

/// <summary>The groups of routes in the API's description.</summary>
internal static class Tags
{
    public const string Interactions = "Interactions";
    public const string Users = "Users";
    public const string Items = "Items";
    public const string Recommendations = "Recommendations";
    public const string Operations = "Operations";
}
